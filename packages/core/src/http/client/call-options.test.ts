import { afterEach, expect, test } from "vitest";
import { protoCodec } from "../../encoding/proto/index.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient, type Client } from "../../rpc/index.ts";
import { clientTransport } from "../../transport/index.ts";
import { HttpClient, type HttpClientOptions } from "../index.ts";
import { foreignPeer, stopPeers } from "../testdata/foreign-peer.ts";
import { Library } from "../testdata/library_pb.js";
import { deferred, serve, stopServers } from "../testdata/serve.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await stopServers();
  await stopPeers();
});

function connect(
  endpoint: string,
  options: Omit<HttpClientOptions, "endpoint"> = {},
): Client<typeof Library> {
  const client = new HttpClient({ endpoint, logger: nopLogger, ...options });
  clients.push(client);
  return createClient(Library, client);
}

/** A server of ours, and what its requests and answers were of. */
async function typedServer(): Promise<{ readonly host: string; readonly types: string[] }> {
  const types: string[] = [];
  const { host } = await serve({
    filters: [
      (next) => (exchange, ctx) => {
        const header = exchange.requestHeader;
        types.push(`${header.get("content-type")} > ${header.get("accept")}`);
        return next(exchange, ctx);
      },
    ],
  });
  return { host, types };
}

test("contentType chooses the codec of one call, and what it asks for", async () => {
  const { host, types } = await typedServer();
  const calls = connect(host);
  const book = { id: 1n, title: "t" };
  const onType: string[] = [];
  const onHeader = (header: { get(name: string): string }): unknown =>
    onType.push(header.get("content-type"));
  const proto = { contentType: "application/proto", onHeader };
  expect(await calls.updateBook(book, proto)).toMatchObject(book);
  expect(await calls.updateBook(book, { onHeader })).toMatchObject(book);
  expect(await calls.updateBook(book, { ...proto, accept: "application/json" })).toMatchObject(
    book,
  );
  expect(await calls.getBook({ id: 1n }, proto)).toMatchObject({ id: 1n });
  const charset = "application/json; charset=utf-8";
  expect(await calls.updateBook(book, { contentType: charset })).toMatchObject(book);
  expect(types).toEqual([
    "application/proto > application/proto",
    "application/json > application/json",
    "application/proto > application/json",
    " > application/proto",
    `${charset} > application/json`,
  ]);
  expect(onType).toEqual([
    "application/proto",
    "application/json",
    "application/json",
    "application/proto",
  ]);
});

test("contentType that no codec has fails the call with 400 CODEC", async () => {
  const failed = connect("127.0.0.1:1").ping({}, { contentType: "application/nothing" });
  await expect(failed).rejects.toMatchObject({
    code: 400,
    reason: "CODEC",
    message: "unregister Content-Type: application/nothing",
  });
});

test("accept asks for a stream in another form", async () => {
  const { host, types } = await typedServer();
  const ids: bigint[] = [];
  for await (const { id } of connect(host).watchBooks(
    { pageSize: 2 },
    { accept: "application/x-ndjson" },
  )) {
    ids.push(id);
  }
  expect(ids).toEqual([1n, 2n]);
  expect(types).toEqual([" > application/x-ndjson"]);
});

test("codecs chooses the codec of a method, before that of its service", async () => {
  const { host, types } = await typedServer();
  const calls = connect(host, {
    codecs: { "/library.v1.Library/*": "proto", "/library.v1.Library/Ping": "json" },
  });
  await calls.updateBook({ id: 1n });
  await calls.ping({ text: "x" });
  await calls.updateBook({ id: 1n }, { contentType: "application/json" });
  expect(types).toEqual([
    "application/proto > application/proto",
    "application/json > application/json",
    "application/json > application/json",
  ]);
});

test("codecs takes codecs of a user's own, over the Connect protocol too", async () => {
  const { host, types } = await typedServer();
  const calls = connect(host, {
    protocol: "connect",
    codecs: { "/library.v1.Library/Ping": protoCodec() },
  });
  expect(await calls.ping({ text: "x" })).toMatchObject({ text: "x" });
  await calls.updateBook({ id: 1n });
  expect(types.map((type) => type.split(" ")[0])).toEqual([
    "application/proto",
    "application/json",
  ]);
});

test.each(["Ping", "/Ping", "library.v1.Library/Ping", "/a/b/c", ""])(
  "codecs refuses the key %j",
  (key) => {
    const options = { endpoint: "127.0.0.1:1", codecs: { [key]: "proto" as const } };
    expect(() => new HttpClient(options)).toThrow(TypeError);
  },
);

test("operation and pathTemplate are what middlewares see, and change nothing of the request", async () => {
  const paths: (string | undefined)[] = [];
  const endpoint = await foreignPeer(({ url }, response) => {
    paths.push(url);
    response.end();
  });
  const seen: unknown[] = [];
  const options: Omit<HttpClientOptions, "endpoint"> = {
    middleware: [
      (next) => (request, ctx) => {
        const transport = clientTransport(ctx);
        seen.push([transport?.operation, transport?.pathTemplate]);
        return next(request, ctx);
      },
    ],
  };
  const calls = connect(endpoint, options);
  await calls.getBook({ id: 1n });
  await calls.getBook({ id: 1n }, { operation: "/books/read", pathTemplate: "/books/{any}" });
  await calls.ping({});
  expect(seen).toEqual([
    ["/library.v1.Library/GetBook", "/v1/books/{id}"],
    ["/books/read", "/books/{any}"],
    ["/library.v1.Library/Ping", "/library.v1.Library/Ping"],
  ]);
  expect(paths).toEqual(["/v1/books/1", "/v1/books/1", "/library.v1.Library/Ping"]);
});

test("headers are sent and those of the answer received, of an error too", async () => {
  const endpoint = await foreignPeer(({ headers }, response) =>
    response.writeHead(409, { "x-back": headers["x-there"] ?? "" }).end(),
  );
  const seen: string[] = [];
  const headers = { "x-there": "1" };
  const failed = connect(endpoint).getBook(
    { id: 1n },
    { headers, onHeader: (header) => seen.push(header.get("x-back")) },
  );
  await expect(failed).rejects.toMatchObject({ code: 409 });
  expect([seen, headers]).toEqual([["1"], { "x-there": "1" }]);
});

test("timeoutMs of the client ends calls and spares streams", async () => {
  const go = deferred<void>();
  const { host } = await serve(
    { timeoutMs: 0 },
    {
      ping: () => new Promise(() => {}),
      async *watchBooks() {
        yield { id: 1n };
        await go.promise;
        yield { id: 2n };
      },
    },
  );
  const calls = connect(host, { timeoutMs: 50 });
  const books = calls.watchBooks({})[Symbol.asyncIterator]();
  expect((await books.next()).value).toMatchObject({ id: 1n });
  // Takes longer than the stream would have had.
  await expect(calls.ping({})).rejects.toMatchObject({ code: 504 });
  go.resolve();
  expect((await books.next()).value).toMatchObject({ id: 2n });
});

test.each(["timeoutMs", "maxConnections", "maxResponseBytes", "compressMinBytes"])(
  "HttpClient refuses a %s that is no number from 0 on",
  (name) => {
    for (const value of [-1, Number.NaN]) {
      expect(() => new HttpClient({ endpoint: "localhost:1", [name]: value })).toThrow(
        `Cannot make an HttpClient as '${name}' must be 0 or more: current value is ${value}`,
      );
    }
  },
);

test("timeoutMs of a call is a stream's too", async () => {
  const { host } = await serve(
    { timeoutMs: 0 },
    {
      async *watchBooks() {
        yield { id: 1n };
        await new Promise(() => {});
      },
    },
  );
  const books = connect(host).watchBooks({}, { timeoutMs: 50 })[Symbol.asyncIterator]();
  await books.next();
  await expect(books.next()).rejects.toMatchObject({ code: 504 });
});
