import { create } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema, RetryInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { describe, expect, it } from "vitest";
import * as errors from "./index.ts";
import codegen from "./testdata/error-codegen.json" with { type: "json" };
import fromVectors from "./testdata/error-from.json" with { type: "json" };
import types from "./testdata/error-types.json" with { type: "json" };
import statuses from "./testdata/http-grpc-status.json" with { type: "json" };
import { pascalCase } from "./define-errors.ts";

interface ErrorInput {
  kind: string;
  code?: number;
  reason?: string;
  message?: string;
  metadata?: Record<string, string>;
  text?: string;
  inner?: ErrorInput;
  details?: { type: string; reason?: string }[];
}

function build(input: ErrorInput): unknown {
  const { message = "" } = input;
  if (input.kind === "null") return undefined;
  if (input.kind === "plain") return new Error(message);
  if (input.kind === "wrapped")
    return new Error(input.text, { cause: build(input.inner ?? input) });
  const { code = 500, reason = "", metadata = {} } = input;
  if (input.kind === "kratos") return new errors.KratosError(message, { code, reason, metadata });
  const details = (input.details ?? []).map((detail): Any =>
    detail.type === "google.rpc.ErrorInfo"
      ? anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: detail.reason ?? "" }))
      : anyPack(RetryInfoSchema, create(RetryInfoSchema)),
  );
  return errors.fromGrpcStatus({ code: input.code ?? 0, message, details });
}

/** The members the vectors speak of. */
function shown(error: errors.KratosError): object {
  const { code, reason, message, metadata } = error;
  return { code, reason, message, metadata };
}

describe("fromError(), toGrpcStatus(), isSameError(), code() and reason() by the vectors", () => {
  // What an HTTP server writes and a client reads runs in http/error-from-vectors.test.ts.
  const cases = fromVectors.cases.filter(
    ({ input }) => input.op !== "httpBody" && input.op !== "clientDecode",
  );
  it.each(cases)("$name", ({ input, expected }) => {
    const error = build(input.error as ErrorInput);
    switch (input.op) {
      case "from":
        if (expected === null) expect(errors.code(error)).toBe(200);
        else expect(shown(errors.fromError(error))).toMatchObject(expected as object);
        break;
      case "toGrpc": {
        const { code, message, details } = errors.toGrpcStatus(error);
        const infos = details.map((detail) => anyUnpack(detail, ErrorInfoSchema));
        expect({
          code,
          message,
          details: infos.map((info) => ({
            type: "google.rpc.ErrorInfo",
            reason: info?.reason,
            domain: info?.domain,
            metadata: info?.metadata,
          })),
        }).toEqual(expected);
        break;
      }
      case "roundTrip": {
        const wire = errors.decodeGrpcStatus(errors.encodeGrpcStatus(errors.toGrpcStatus(error)));
        expect(shown(errors.fromGrpcStatus(wire))).toMatchObject(expected as object);
        break;
      }
      case "is":
        expect(
          errors.isSameError(build(input.target as ErrorInput) as errors.KratosError, error),
        ).toBe(expected);
        break;
      case "code":
        expect(errors.code(error)).toBe(expected);
        break;
      default:
        expect(input.op).toBe("reason");
        expect(errors.reason(error)).toBe(expected);
    }
  });
});

describe("grpcCodeFromHttp() and httpFromGrpcCode() by the vectors", () => {
  // The tables are v3's; v2 differed in 412 and FAILED_PRECONDITION.
  const cases = statuses.cases.filter(
    (one) => !("appliesTo" in one) || one.appliesTo.includes("v3"),
  );
  it.each(cases)("$name", ({ input, expected }) => {
    if (input.direction === "httpToGrpc") {
      expect(errors.grpcCodeFromHttp(input.http ?? Number.NaN)).toBe(
        (expected as { grpc: number }).grpc,
      );
    } else {
      expect(errors.httpFromGrpcCode(input.grpc ?? Number.NaN)).toBe(
        (expected as { http: number }).http,
      );
    }
  });
});

describe("named errors by the vectors", () => {
  it.each(types.cases)("$name", ({ input, expected }) => {
    const lower = input.constructor.charAt(0).toLowerCase() + input.constructor.slice(1);
    const make = errors[lower as "badRequest"];
    const test = errors[`is${input.constructor}` as "isBadRequest"];
    const error = make(input.reason, input.message);
    expect(shown(error)).toMatchObject({
      code: expected.code,
      reason: input.reason,
      message: input.message,
    });
    expect(test(new Error("around", { cause: error }))).toBe(true);
    expect(test(new errors.KratosError("other", { code: 418 }))).toBe(false);
    expect(test(undefined)).toBe(false);
  });
});

describe("pascalCase() by the vectors", () => {
  const cases = codegen.cases.filter(({ input }) => input.op === "identifier");
  it.each(cases)("$name", ({ input, expected }) => {
    expect(pascalCase(input.value ?? "")).toBe((expected as { identifier: string }).identifier);
  });
});
