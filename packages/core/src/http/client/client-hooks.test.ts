import { create, fromJson, type Message, type JsonValue } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../encoding/index.ts";
import { KratosError } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { HttpClient, type HttpClientOptions, type ResponseDecoder } from "../index.ts";
import { foreignPeer, stopPeers } from "../testdata/foreign-peer.ts";
import { BookSchema, Library } from "../testdata/library_pb.js";
import { Chat } from "../testdata/chat_pb.js";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await stopPeers();
});

function connect(options: HttpClientOptions): Client<typeof Library> {
  const client = new HttpClient({ logger: nopLogger, ...options });
  clients.push(client);
  return createClient(Library, client);
}

test("requestEncoder writes bodies, of the field that is one, and leaves the others to the codec", async () => {
  const bodies: string[] = [];
  const endpoint = await foreignPeer(({ headers }, response, body) => {
    bodies.push(`${headers["content-type"]} ${body}`);
    response.end();
  });
  const seen: unknown[] = [];
  const calls = connect({
    endpoint,
    requestEncoder(message, { method, field, contentType }) {
      seen.push([message.$typeName, method.name, field?.name, contentType]);
      if (method.name === "UpdateBook") return undefined;
      return encodeUtf8("own");
    },
  });
  await calls.createBook({ shelf: "s", book: { title: "t" } });
  await calls.ping({ text: "x" }, { contentType: "text/json" });
  await calls.updateBook({ id: 1n, title: "t" });
  await calls.getBook({ id: 1n });
  expect(seen).toEqual([
    ["library.v1.CreateBookRequest", "CreateBook", "book", "application/json"],
    ["library.v1.PingMessage", "Ping", undefined, "text/json"],
    ["library.v1.Book", "UpdateBook", undefined, "application/json"],
  ]);
  expect(bodies.slice(0, 2)).toEqual(["application/json own", "text/json own"]);
  expect(bodies[2]).toContain('"title":"t"');
  expect(bodies[3]).toBe("undefined ");
});

test("requestEncoder fails the call with 400 CODEC when it throws", async () => {
  const calls = connect({
    endpoint: "127.0.0.1:1",
    requestEncoder() {
      throw new Error("not that");
    },
  });
  await expect(calls.ping({})).rejects.toMatchObject({
    code: 400,
    reason: "CODEC",
    message: "not that",
  });
});

/** Reads the envelope that many services put around their replies. */
const unwrap: ResponseDecoder = (body, { method, field, status, header }): Message | undefined => {
  if (header.get("x-envelope") === "") return undefined;
  const { code, data } = JSON.parse(decodeUtf8(body)) as { code: number; data: JsonValue }; // what the peer below sends
  if (code !== 0) throw new KratosError(`status ${status}`, { code: 409, reason: "WRAPPED" });
  const json = field === undefined ? data : { [field.jsonName]: data };
  return fromJson(method.output, json);
};

test("responseDecoder makes replies of bodies, and errors of good answers", async () => {
  const answers = [
    '{"code":0,"data":{"title":"t"}}',
    '{"code":0,"data":["a"]}',
    '{"code":7,"data":null}',
    "<html>",
  ];
  const endpoint = await foreignPeer((_request, response) => {
    response.setHeader("x-envelope", "1").end(answers.shift());
  });
  const calls = connect({ endpoint, responseDecoder: unwrap });
  expect(await calls.getBook({ id: 1n })).toMatchObject({ title: "t" });
  expect(await calls.listTitles({})).toMatchObject({ titles: ["a"] });
  await expect(calls.getBook({ id: 1n })).rejects.toMatchObject({
    code: 409,
    reason: "WRAPPED",
    message: "status 200",
  });
  await expect(calls.getBook({ id: 1n })).rejects.toMatchObject({ code: 500, reason: "CODEC" });
});

test("responseDecoder that answers undefined leaves a reply to the codec", async () => {
  const endpoint = await foreignPeer((_request, response) => response.end('{"title":"plain"}'));
  const calls = connect({ endpoint, responseDecoder: unwrap });
  expect(await calls.getBook({ id: 1n })).toEqual(create(BookSchema, { title: "plain" }));
});

test("errorDecoder reads errors of calls, streams, raw requests and refused WebSockets", async () => {
  const endpoint = await foreignPeer((_request, response) =>
    response.writeHead(418, { "x-code": "TEAPOT" }).end("short and stout"),
  );
  const options: HttpClientOptions = {
    endpoint,
    logger: nopLogger,
    errorDecoder: (body, { status, header }) =>
      new KratosError(decodeUtf8(body), { code: status, reason: header.get("x-code") }),
  };
  const client = new HttpClient(options);
  clients.push(client);
  const calls = createClient(Library, client);
  const error = { code: 418, reason: "TEAPOT", message: "short and stout" };
  await expect(calls.getBook({ id: 1n })).rejects.toMatchObject(error);
  await expect(calls.watchBooks({})[Symbol.asyncIterator]().next()).rejects.toMatchObject(error);
  await expect(client.fetch("/any")).rejects.toMatchObject(error);
  const talk = createClient(Chat, client).talk(nothing());
  await expect(talk[Symbol.asyncIterator]().next()).rejects.toMatchObject(error);
});

test("errorDecoder that answers undefined leaves an error to the codec", async () => {
  const endpoint = await foreignPeer((_request, response) =>
    response.writeHead(409).end('{"reason":"R"}'),
  );
  const calls = connect({ endpoint, errorDecoder: () => undefined });
  await expect(calls.getBook({ id: 1n })).rejects.toMatchObject({ code: 409, reason: "R" });
});

async function* nothing(): AsyncGenerator<never> {
  // nothing to send
}
