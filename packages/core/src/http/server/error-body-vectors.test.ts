import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { afterEach, expect, test } from "vitest";
import { badRequest, fromGrpcStatus, KratosError } from "../../errors/index.ts";
import { type InjectedReply, redirect } from "../index.ts";
import { libraryServer, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

interface Case {
  readonly name: string;
  readonly input: {
    readonly error: ErrorInput;
    readonly accept: string | null;
    readonly requestContentType?: string;
  };
  readonly expected: {
    readonly status: number;
    readonly contentType?: string | null;
    readonly location?: string;
    readonly json?: { readonly code: number };
    readonly body?: string;
  };
}

interface ErrorInput {
  readonly kind: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Record<string, string>;
  readonly cause?: string;
  readonly outerMessage?: string;
  readonly inner?: ErrorInput;
  readonly grpcCode: number;
  readonly errorInfo?: { readonly reason: string; readonly metadata: Record<string, string> };
  readonly id: string;
  readonly url: string;
  readonly causeMessage?: string;
  readonly contentType?: string | null;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../testdata/http-error-body.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

/** What differs on purpose, and why. */
const differences: ReadonlyMap<string, string> = new Map([
  [
    "Accept xml cannot encode the metadata map: bare 500",
    "the xml codec can: the body of the error is sent, with its status",
  ],
]);

const builtins: Readonly<Record<string, KratosError>> = {
  "recovery.ErrUnknownRequest": new KratosError("unknown request error", { reason: "UNKNOWN" }),
  "ratelimit.ErrLimitExceed": new KratosError("service unavailable due to rate limit exceeded", {
    code: 429,
    reason: "RATELIMIT",
  }),
  "circuitbreaker.ErrNotAllowed": new KratosError(
    "request failed due to circuit breaker triggered",
    { code: 503, reason: "CIRCUITBREAKER" },
  ),
  "jwt.ErrMissingJwtToken": new KratosError("JWT token is missing", {
    code: 401,
    reason: "UNAUTHORIZED",
  }),
};

function errorOf(input: ErrorInput): Error {
  switch (input.kind) {
    case "kratos":
      return new KratosError(input.message, { ...input, cause: input.cause });
    case "plain":
      return new Error(input.message);
    case "wrapped":
      return new Error(input.outerMessage, {
        cause: errorOf({ ...input.inner, kind: "kratos" } as ErrorInput),
      }); // an inner error has a kratos error's members
    case "grpc":
      return fromGrpcStatus({
        code: input.grpcCode,
        message: input.message,
        details:
          input.errorInfo === undefined
            ? []
            : [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, input.errorInfo))],
      });
    case "builtin":
      return input.id === "validate"
        ? badRequest("VALIDATOR", input.causeMessage ?? "")
        : (builtins[input.id] ?? new Error(input.id));
    case "redirect":
      return new Error("wrapped", { cause: redirect(input.url, input.code) });
    default:
      throw new TypeError(`no such kind: ${input.kind}`);
  }
}

function answer({ error, accept, requestContentType }: Case["input"]): Promise<InjectedReply> {
  const server = libraryServer(
    {},
    {
      ping() {
        throw errorOf(error);
      },
    },
  );
  const headers: Record<string, string> = accept === null ? {} : { accept };
  if (error.kind === "bind") {
    if (typeof error.contentType === "string") headers["content-type"] = error.contentType;
    return server.inject({ method: "PUT", path: "/v1/books/1", headers, body: "x" });
  }
  if (requestContentType !== undefined) headers["content-type"] = requestContentType;
  return server.inject({ method: "POST", path: "/library.v1.Library/Ping", headers });
}

// v2's form wins: all four members, always. v3 sends the same without the empty ones, but to clients that
// ask for protojson; whoever reads v3's bodies reads these as well.
const full = { reason: "", message: "", metadata: {} };

test.each(cases.filter(({ name }) => !differences.has(name)))(
  "HttpServer answers errors: $name",
  async ({ input, expected }) => {
    const reply = await answer(input);
    expect(reply.status).toBe(expected.status);
    expect(reply.headers["location"]).toBe(expected.location);
    if (expected.contentType === undefined) return;
    expect(reply.headers["content-type"] ?? null).toBe(expected.contentType);
    if (expected.json === undefined) expect(reply.text()).toBe(expected.body);
    else expect(reply.json()).toEqual({ ...full, ...expected.json });
  },
);

test("the differences are cases of the file", () => {
  const names = new Set(cases.map(({ name }) => name));
  expect([...differences.keys()].filter((name) => !names.has(name))).toEqual([]);
});

test("HttpServer answers errors in XML", async () => {
  const found = cases.find((each) => differences.has(each.name));
  if (found === undefined) throw new Error("the differences are cases of the file");
  const reply = await answer(found.input);
  expect([reply.status, reply.headers["content-type"], reply.text()]).toEqual([
    400,
    "application/xml",
    "<Status><code>400</code><reason>xxx</reason><message>zzz</message>" +
      "<metadata><key>foo</key><value>bar</value></metadata></Status>",
  ]);
});

test("HttpServer answers in JSON where the Accept names a codec it does not have", async () => {
  const reply = await answer({
    error: { kind: "plain", message: "m" } as ErrorInput,
    accept: "application/msgpack",
  }); // a plain error has no more
  expect([reply.status, reply.headers["content-type"]]).toEqual([500, "application/json"]);
});
