import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { decodeUtf8 } from "../../../encoding/index.ts";
import {
  fromGrpcStatus,
  GrpcCode,
  grpcFailure,
  httpAnswerError,
  type KratosError,
} from "../../../errors/index.ts";
import { connectCodeOf } from "../../connect/connect-code.ts";
import { isRecord, textOf } from "./json-object.ts";

/** The error of a unary answer whose status is not 200; what is no error of Connect's tells by its status. */
export function connectFailure(status: number, body: Uint8Array | undefined): KratosError {
  const error = httpAnswerError(status);
  const json = body && parse(body);
  return json === undefined ? error : connectError(json, error.grpcCode);
}

/** The error an object of Connect's JSON stands for; `fallback` is the code where it names none. */
export function connectError(
  json: Readonly<Record<string, unknown>>,
  fallback: number = GrpcCode.UNKNOWN,
): KratosError {
  const { code, message, details } = json;
  return fromGrpcStatus({
    code: connectCodeOf(textOf(code)) ?? fallback,
    message: textOf(message),
    details: Array.isArray(details) ? details.flatMap(detail) : [],
  });
}

/** A stream or an answer that does not keep to the protocol. */
export function connectBroken(message: string, cause?: unknown): KratosError {
  return grpcFailure("INTERNAL", message, { cause });
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(decodeUtf8(body));
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function detail(json: unknown): Any[] {
  if (!isRecord(json) || typeof json["type"] !== "string" || typeof json["value"] !== "string") {
    return [];
  }
  try {
    const typeUrl = `type.googleapis.com/${json["type"]}`;
    return [create(AnySchema, { typeUrl, value: base64Decode(json["value"]) })];
  } catch {
    return []; // a malformed detail must not hide the error
  }
}
