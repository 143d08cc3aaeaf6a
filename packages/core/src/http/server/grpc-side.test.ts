import { connect as connectTls } from "node:tls";
import { once } from "node:events";
import { Metadata } from "@kratosjs/protos/kratos/api/metadata_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { background, createContextKey } from "../../context/index.ts";
import { apiMetadataService } from "../../grpc/index.ts";
import { nopLogger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import { closeGrpc, countBooks, getBook, openGrpc } from "../testdata/grpc-client.ts";
import { askH2, closeH2, openH2, testCertificates } from "../testdata/h2-client.ts";
import { libraryService } from "../testdata/library-service.ts";
import { Library } from "../testdata/library_pb.js";
import { deferred, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeGrpc();
  closeH2();
  await stopServers();
});

const { key, cert, ca } = testCertificates;
const name = createContextKey("test/name", "none");

describe.each<[string, HttpServerOptions]>([
  ["in clear text", {}],
  ["over TLS", { tls: { key, cert } }],
])("HttpServer with gRPC %s", (_name, options) => {
  test("HttpServer serves gRPC, REST over HTTP/2 and HTTP/1.1 on one port", async () => {
    const { origin, host } = await serve({ ...options, grpc: true });
    const client = openGrpc(host, options.tls && ca);
    const [book, count, fails, rest] = await Promise.all([
      getBook(client, { id: 7n, shelf: "past" }),
      countBooks(client, 3),
      getBook(client, { id: 404n }).catch((error: unknown) => error),
      askH2(await openH2(origin), { path: "/v1/books/7" }),
    ]);
    expect([book.id, book.title, count]).toEqual([7n, "past", 3]);
    expect(fails).toMatchObject({ code: 5, details: "no book 404" });
    expect(rest.json).toMatchObject({ id: "7" });
    expect(await overHttp1(host, options.tls !== undefined)).toMatch(/^HTTP\/1\.1 200[^]*"id":"8"/);
  });

  test("HttpServer answers the calls of gRPC under way when it stops", async () => {
    let begun = 0;
    const bothBegun = deferred<void>();
    const end = deferred<void>();
    const { server, origin, host } = await serve(
      { ...options, grpc: true },
      {
        async getBook({ id }) {
          begun += 1;
          if (begun === 2) bothBegun.resolve();
          await end.promise;
          return { id };
        },
      },
    );
    const call = getBook(openGrpc(host, options.tls && ca), { id: 1n });
    const rest = askH2(await openH2(origin), { path: "/v1/books/2" });
    await bothBegun.promise;
    const stopped = server.stop(new AbortController().signal);
    end.resolve();
    expect((await call).id).toBe(1n);
    expect((await rest).json).toMatchObject({ id: "2" });
    await stopped;
  });
});

test("HttpServer tells the callers of gRPC before it cuts them", async () => {
  const begun = deferred<void>();
  const { server, host } = await serve(
    { grpc: { timeoutMs: 0 } },
    {
      getBook() {
        begun.resolve();
        return new Promise(() => {});
      },
    },
  );
  const call = getBook(openGrpc(host), { id: 1n }).catch((error: unknown) => error);
  await begun.promise;
  await server.stop(AbortSignal.abort());
  expect(await call).toMatchObject({ code: 14, details: "the server is stopping" });
});

test("HttpServer runs its middleware around gRPC, with gRPC's transport, and that of use() too", async () => {
  const seen: unknown[] = [];
  const note =
    (who: string): Middleware =>
    (next) =>
    (request, ctx) => {
      const transport = serverTransport(ctx);
      seen.push(who, transport?.kind, transport?.operation);
      return next(request, ctx);
    };
  const server = new HttpServer({
    address: "127.0.0.1:0",
    logger: nopLogger,
    grpc: true,
    middleware: [note("all")],
  });
  server.use("/library.v1.Library/Get*", note("get")).register(Library, libraryService());
  await server.start();
  const { host } = await server.endpoint();
  await getBook(openGrpc(host), { id: 1n });
  const operation = "/library.v1.Library/GetBook";
  expect(seen).toEqual(["all", "grpc", operation, "get", "grpc", operation]);
  expect(() => server.use("*", note("late"))).toThrow(/must not have started/);
  await server.stop(AbortSignal.abort());
});

test("HttpServer takes connections of gRPC before it is started, and answers when it is", async () => {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, grpc: true });
  server.register(
    Library,
    libraryService({ getBook: async (_request, ctx) => ({ title: ctx.get(name) }) }),
  );
  const { host } = await server.endpoint();
  const early = getBook(openGrpc(host), { id: 1n });
  await server.start(background.with(name, "given to start"));
  expect((await early).title).toBe("given to start");
  await server.stop(AbortSignal.abort());
});

test("HttpServer serves health and reflection with gRPC", async () => {
  const { server, origin } = await serve({ grpc: true });
  const client = await openH2(origin);
  const ask = async (path: string, body: Uint8Array): Promise<string> => {
    const headers = { "content-type": "application/grpc", te: "trailers" };
    return (await askH2(client, { path, method: "POST", headers, body })).text;
  };
  // An empty request; the answer is a field of one enum: SERVING.
  const empty = Buffer.from([0, 0, 0, 0, 0]);
  expect(await ask("/grpc.health.v1.Health/Check", empty)).toBe("\0\0\0\0\u0002\b\u0001");
  const listServices = Buffer.from([0, 0, 0, 0, 2, 0x3a, 0]);
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  expect(await ask(path, listServices)).toContain("library.v1.Library");
  expect(server.health?.get("library.v1.Library")).toBe("SERVING");
});

test("HttpServer serves kratos.api.Metadata with gRPC, and over REST where it is registered by hand", async () => {
  const asGrpc = { "content-type": "application/grpc", te: "trailers" };
  const list = "/kratos.api.Metadata/ListServices";
  const asked = { path: list, method: "POST", headers: asGrpc, body: Buffer.alloc(5) };
  const automatic = await openH2((await serve({ grpc: true })).origin);
  expect((await askH2(automatic, asked)).text).toContain("/library.v1.Library/GetBook");
  expect((await askH2(automatic, { path: "/services" })).status).toBe(404);

  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, grpc: true });
  server.register(
    Metadata,
    apiMetadataService(() => [Library]),
  );
  await server.start();
  const byHand = await openH2(`http://${(await server.endpoint()).host}`);
  expect((await askH2(byHand, asked)).text).toContain("/library.v1.Library/GetBook");
  const { json } = await askH2(byHand, { path: "/services" });
  expect(json).toMatchObject({ services: ["library.v1.Library"] });
  const files = await askH2(byHand, { path: "/services/library.v1.Library" });
  expect(files.json).toMatchObject({
    fileDescSet: {
      file: expect.arrayContaining([expect.objectContaining({ package: "library.v1" })]),
    },
  });
  expect((await askH2(byHand, { path: "/services/no.Such" })).json).toMatchObject({
    code: 404,
    message: "service no.Such not found",
  });
  await server.stop(AbortSignal.abort());
});

test("HttpServer knows no gRPC unless it is told to", async () => {
  const { server, origin } = await serve();
  const headers = { "content-type": "application/grpc" };
  const asked = { path: "/library.v1.Library/Ping", method: "POST", headers, body: "\0\0\0\0\0" };
  expect((await askH2(await openH2(origin), asked)).status).toBe(415);
  expect(server.health).toBeUndefined();
});

test("HttpServer refuses gRPC without HTTP/2", () => {
  expect(() => new HttpServer({ grpc: true, http2: false })).toThrow(TypeError);
});

/** The whole answer to a GET over HTTP/1.1. */
async function overHttp1(host: string, secure: boolean): Promise<string> {
  if (!secure) {
    const reply = await fetch(`http://${host}/v1/books/8`);
    return `HTTP/1.1 ${reply.status} ${await reply.text()}`;
  }
  const { port } = new URL(`http://${host}`);
  const socket = connectTls({ port: Number(port), host: "127.0.0.1", ca, servername: "localhost" });
  await once(socket, "secureConnect");
  socket.write("GET /v1/books/8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  let said = "";
  for await (const chunk of socket) said += String(chunk);
  return said;
}
