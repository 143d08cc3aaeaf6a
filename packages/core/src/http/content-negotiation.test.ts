import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { create, toJson } from "@bufbuild/protobuf";
import { HttpBodySchema } from "@kratosjs/protos/google/api/httpbody_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { defaultCodecs } from "../encoding/defaults/index.ts";
import { HelloRequestSchema } from "../encoding/form/testdata/http_form_pb.js";
import { contentSubtype, contentTypeOf, createBodyDecoder } from "../encoding/index.ts";
import { protojsonCodec } from "../encoding/json/index.ts";
import { fromError, type KratosError } from "../errors/index.ts";
import { nopLogger } from "../log/index.ts";
import { createClient } from "../rpc/index.ts";
import { HttpClient, type HttpClientOptions, type HttpContext, HttpServer } from "./index.ts";
import { Library } from "./testdata/library_pb.js";

interface Input {
  readonly op: string;
  readonly value: string;
  readonly subtype: string;
  readonly values: readonly string[];
  readonly contentType: string | null;
  readonly body: string;
  readonly target: string;
  readonly accept: string | null;
  readonly result: unknown;
  readonly status: number;
  readonly args: unknown;
  readonly options?: readonly Readonly<Record<string, string>>[];
}

interface ErrorText {
  readonly code: number;
  readonly reason: string;
  readonly message?: string;
  readonly messagePrefix?: string;
  readonly hasCause?: boolean;
}

interface Outcome {
  readonly found: boolean;
  readonly value: unknown;
  readonly error: ErrorText | null;
  readonly errorContains: string;
  readonly httpBody: { readonly contentType: string; readonly data: string };
  readonly contentType: string | null;
  readonly httpStatus: number;
  readonly body: string;
  readonly json: unknown;
  readonly written: boolean;
  readonly headers: Readonly<Record<string, string | null>>;
}

interface Case {
  readonly name: string;
  readonly input: Input;
  readonly expected: Outcome;
}

const { cases } = JSON.parse(
  readFileSync(new URL("testdata/content-negotiation.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

/** What differs on purpose: the outcome instead, or undefined where the case has no place here. */
const differences: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  // One server speaks to clients of both versions.
  ["protojson unknown in v2", { codec: "protojson", found: true }],
  // What is empty needs no type; fetch sends none with it.
  ["empty body without content type is an error", { value: {}, bodyStillReadable: true }],
  // The status is sent whether there is a body or not.
  ["Result(201, null) ends up as 200", { httpStatus: 201, body: "" }],
  // A client is given its codec, not the name of one.
  ["v3 unknown request content type", undefined],
  // v3's reading of an empty body holds.
  ["empty body 502 [v2]", { error: { code: 502, reason: "", message: "", hasCause: false } }],
]);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const codecs = defaultCodecs();

async function inRoute<T>(
  use: (http: HttpContext) => T,
  { contentType = null, accept = null, body = "" }: Partial<Input>,
) {
  const server = new HttpServer({ logger: nopLogger });
  let seen: Awaited<T> | undefined;
  server.route("/").POST("/x", async (http) => {
    seen = await use(http);
  });
  const headers: Record<string, string> = {};
  if (contentType !== null) headers["content-type"] = contentType;
  if (accept !== null) headers["accept"] = accept;
  const reply = await server.inject({ method: "POST", path: "/x", headers, body });
  return { reply, seen };
}

function matches(error: KratosError, { messagePrefix, hasCause, ...members }: ErrorText): void {
  expect(error).toMatchObject(members);
  if (messagePrefix !== undefined) expect(error.message.startsWith(messagePrefix)).toBe(true);
  if (hasCause !== undefined) expect(error.cause !== undefined).toBe(hasCause);
}

async function bindsBody({ input, expected }: Case): Promise<void> {
  if (input.target.startsWith("pointer")) {
    const codec = codecs.select([input.contentType ?? ""]).codec;
    const field = HelloRequestSchema.field.sub;
    const read = createBodyDecoder(codec, { schema: HelloRequestSchema, field });
    const whole = toJson(HelloRequestSchema, read(Buffer.from(input.body)) as never); // of this schema
    expect(whole).toEqual({ sub: expected.value });
    return;
  }
  const { reply, seen } = await inRoute(async (http) => {
    if (input.target !== "google.api.HttpBody") {
      return { value: (await http.bindValue()) ?? {}, body: await http.body() };
    }
    const { contentType, data } = await http.bind(HttpBodySchema);
    const httpBody = { contentType, data: Buffer.from(data).toString() };
    return { httpBody, body: await http.body() };
  }, input);
  if (expected.error !== undefined && expected.error !== null) {
    return matches(reply.json() as KratosError, expected.error); // its members are in the body
  }
  expect(Buffer.from(seen?.body ?? []).toString()).toBe(input.body);
  const { value, httpBody } = expected;
  expect(seen).toMatchObject(httpBody === undefined ? { value } : { httpBody });
}

async function encodesResponse({ input, expected }: Case): Promise<void> {
  const { result, status, accept } = input;
  const raw = (result as Partial<Outcome> | null)?.httpBody;
  const { reply } = await inRoute(
    (http) => {
      if (raw === undefined) return http.result(status, result);
      const data = Buffer.from(raw.data);
      const message = create(HttpBodySchema, { contentType: raw.contentType, data });
      return http.result(status, message, { schema: HttpBodySchema });
    },
    { accept },
  );
  if (expected.errorContains !== undefined) {
    expect((reply.json() as KratosError).message).toContain(expected.errorContains); // an error's body
    return;
  }
  expect(reply.status).toBe(expected.httpStatus ?? status);
  if (expected.contentType !== undefined)
    expect(reply.headers["content-type"] ?? null).toBe(expected.contentType);
  if (expected.body !== undefined) expect(reply.text()).toBe(expected.body);
  if (expected.json !== undefined) expect(reply.json()).toEqual(expected.json);
  if (!(expected.written ?? true)) expect(reply.text()).toBe("");
}

/** Calls a peer that answers every request in one way; answers what it saw and what came of it. */
async function calls(
  answer: { readonly status: number; readonly contentType: string | null; readonly body: string },
  { codec, hasBody }: { readonly codec?: HttpClientOptions["codec"]; readonly hasBody: boolean },
) {
  let seen: NodeJS.Dict<string | string[]> = {};
  const peer = createServer((request, response) => {
    seen = request.headers;
    request.resume();
    const { contentType } = answer;
    response.writeHead(answer.status, contentType === null ? {} : { "content-type": contentType });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
  const { port } = peer.address() as AddressInfo; // it listens on a port
  const client = new HttpClient({
    endpoint: `127.0.0.1:${port}`,
    logger: nopLogger,
    ...(codec && { codec }),
  });
  closing.push(
    () => client.close(),
    () => peer.closeAllConnections(),
    () => peer.close(),
  );
  const library = createClient(Library, client);
  const call = hasBody ? library.updateBook({ id: 1n }) : library.deleteBook({ id: 1n });
  const error: unknown = await call.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { seen, error };
}

async function sendsDefaults({ input, expected }: Case): Promise<void> {
  const { contentType } = Object.assign({}, ...(input.options ?? [])) as Partial<Input>; // each has some members
  const { seen } = await calls(
    { status: 200, contentType: "application/json", body: "{}" },
    {
      hasBody: input.args !== null,
      ...(contentType === "application/protojson" && { codec: protojsonCodec() }),
    },
  );
  for (const [name, value] of Object.entries(expected.headers))
    expect(seen[name.toLowerCase()] ?? null).toBe(value);
}

async function decodesError({ input, expected }: Case): Promise<void> {
  const { error } = await calls(input, { hasBody: false });
  if (expected.error === null) expect(error).toBeUndefined();
  else matches(fromError(error), expected.error);
}

const operations: Readonly<Record<string, (each: Case) => Promise<void> | void>> = {
  contentSubtype: ({ input, expected }) => expect(contentSubtype(input.value)).toBe(expected),
  contentType: ({ input, expected }) => expect(contentTypeOf(input.subtype)).toBe(expected),
  codecForRequest({ input, expected }) {
    const { codec, found } = codecs.select(input.values);
    expect({ codec: codec.name, found }).toEqual(expected);
  },
  codecForResponse({ input, expected }) {
    expect({ codec: codecs.select([input.contentType ?? ""]).codec.name }).toEqual(expected);
  },
  bindBody: bindsBody,
  encodeResponse: encodesResponse,
  clientDefaults: sendsDefaults,
  clientErrorDecode: decodesError,
};

describe("HTTP codecs by the vectors", () => {
  test.each(
    cases.filter(({ name }) => !differences.has(name) || differences.get(name) !== undefined),
  )("$name", async (each) => {
    const run = operations[each.input.op];
    if (run === undefined) expect.unreachable(each.input.op);
    const expected = (differences.get(each.name) ?? each.expected) as Outcome; // an outcome of the list or the file
    await run({ ...each, expected });
  });

  test("the differences are cases of the file", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...differences.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});
