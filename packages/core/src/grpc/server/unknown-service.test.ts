import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { frameMessage } from "../../encoding/framing/index.ts";
import { notFound, unauthorized } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { startEcho } from "../testdata/echo-service.ts";
import { EchoReplySchema, EchoRequestSchema } from "../testdata/echo_pb.ts";
import { type ForeignClient, foreignClient } from "../testdata/foreign-echo.ts";
import { RawClient, sayFrame } from "../testdata/raw-client.ts";
import { GrpcServer } from "./grpc-server.ts";
import type { GrpcServerOptions } from "./grpc-server-options.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function clientOf(options: GrpcServerOptions): Promise<ForeignClient> {
  const server = new GrpcServer({ address: "127.0.0.1:0", logger: nopLogger, ...options });
  await server.start();
  ends.push(() => server.stop(AbortSignal.timeout(2000)));
  const client = foreignClient((await server.endpoint()).host);
  ends.push(() => client.close());
  return client;
}

function say(client: ForeignClient, text: string, metadata = new Metadata()): Promise<unknown> {
  return new Promise((resolve) => {
    client.say({ text }, metadata, {}, (error, reply) => resolve(error ?? reply?.text));
  });
}

test("unknownService gets the messages of any kind of call as bytes, and answers with bytes", async () => {
  const operations: (string | undefined)[] = [];
  const client = await clientOf({
    async *unknownService(messages, ctx) {
      const transport = serverTransport(ctx);
      operations.push(transport?.operation);
      const from = transport?.requestHeader.get("x-from") || "nobody";
      for await (const bytes of messages) {
        const { text } = fromBinary(EchoRequestSchema, bytes);
        yield toBinary(EchoReplySchema, create(EchoReplySchema, { text: `${text} ${from}` }));
      }
    },
  });
  const metadata = new Metadata();
  metadata.set("x-from", "here");
  expect(await say(client, "one", metadata)).toBe("one here");
  expect(await say(client, "two")).toBe("two nobody");
  const chat = client.chat();
  const texts: string[] = [];
  for (const text of ["a", "b", "c"]) chat.write({ text });
  chat.end();
  for await (const reply of chat) texts.push((reply as { text: string }).text); // what foreign-echo decodes
  expect(texts).toEqual(["a nobody", "b nobody", "c nobody"]);
  const echo = "/kratos.test.v1.Echo";
  expect(operations).toEqual([`${echo}/Say`, `${echo}/Say`, `${echo}/Chat`]);
});

test("unknownService is inside the middlewares, whose errors and its own reach the caller", async () => {
  const seen: unknown[] = [];
  const guard: Middleware = (next) => (request, ctx) => {
    seen.push([serverTransport(ctx)?.operation, serverTransport(ctx)?.method]);
    if (serverTransport(ctx)?.requestHeader.get("x-token") === "good") return next(request, ctx);
    throw unauthorized("NO_TOKEN", "who are you?");
  };
  const client = await clientOf({
    middleware: [guard],
    async *unknownService() {
      throw notFound("NOBODY", "nobody has it");
    },
  });
  expect(await say(client, "x")).toMatchObject({
    code: status.UNAUTHENTICATED,
    details: "who are you?",
  });
  const metadata = new Metadata();
  metadata.set("x-token", "good");
  expect(await say(client, "x", metadata)).toMatchObject({
    code: status.NOT_FOUND,
    details: "nobody has it",
  });
  const operation = "/kratos.test.v1.Echo/Say";
  expect(seen).toEqual([
    [operation, undefined],
    [operation, undefined],
  ]);
});

test.each<[string, unknown]>([
  ["an AsyncIterable", "text"],
  [
    "bytes",
    (async function* () {
      yield { text: "no bytes" };
    })(),
  ],
])("unknownService must answer with %s", async (_rule, answer) => {
  const client = await clientOf({ unknownService: () => answer as never }); // what its type forbids
  expect(await say(client, "x")).toMatchObject({ code: expect.any(Number), details: /./ });
});

test("unknownService answers in the content type it is asked in, and never for a registered method or no name", async () => {
  await using running = await startEcho(
    {},
    {
      async *unknownService(messages) {
        yield* messages;
      },
    },
  );
  await using client = new RawClient(running.address);
  const own = await client.send({}, [sayFrame("registered")]);
  expect(own.body.toString("latin1")).toContain("registered");
  const raw = await client.send(
    { ":path": "/any.Service/Method", "content-type": "application/grpc+thrift" },
    [frameMessage(new Uint8Array([1, 2, 3]), false)],
  );
  expect([raw.header["content-type"], [...raw.body]]).toEqual([
    "application/grpc+thrift",
    [0, 0, 0, 0, 3, 1, 2, 3],
  ]);
  for (const path of ["/", "/any.Service", "/any.Service/", "//Method", "/any/Service/Method"]) {
    const { header } = await client.send({ ":path": path }, [sayFrame("x")]);
    expect(header).toMatchObject({ "grpc-status": "12" });
  }
});
