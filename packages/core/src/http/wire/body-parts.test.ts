import { once } from "node:events";
import { type ClientRequest, request as sendRequest } from "node:http";
import { afterEach, expect, test } from "vitest";
import { serve, stopServers } from "../testdata/serve.ts";
import type { Exchange } from "./exchange.ts";

afterEach(stopServers);

async function upload(
  handler: (exchange: Exchange) => Promise<void>,
  headers: Record<string, string> = {},
): Promise<{ readonly outgoing: ClientRequest; readonly answer: Promise<number | undefined> }> {
  const { server } = await serve();
  server.handle("/upload", handler);
  const { hostname, port } = await server.endpoint();
  const outgoing = sendRequest({ hostname, port, method: "POST", path: "/upload", headers });
  // An answer may come before the upload is through; the server that stops then cuts it.
  outgoing.on("error", () => {});
  const answer = once(outgoing, "response").then(([response]) => {
    const { statusCode } = response.resume() as { readonly statusCode: number };
    return statusCode;
  });
  return { outgoing, answer };
}

test("Exchange body() hands out the parts of a body as they come", async () => {
  let first: (() => void) | undefined;
  const seen = new Promise<void>((resolve) => (first = resolve));
  let text = "";
  const { outgoing, answer } = await upload(async (exchange) => {
    for await (const part of exchange.body()) {
      text += Buffer.from(part).toString();
      first?.();
    }
    exchange.reply({ status: 200 });
  });
  outgoing.write("one ");
  await seen; // the second part is sent after the first was read
  outgoing.end("two");
  expect(await answer).toBe(200);
  expect(text).toBe("one two");
});

test("Exchange body() fails with 413 over the limit, announced or not", async () => {
  const read = async (exchange: Exchange): Promise<void> => {
    for await (const part of exchange.body(8)) if (part.length > 8) throw new Error("too much");
    exchange.reply({ status: 200 });
  };
  const chunked = await upload(read);
  chunked.outgoing.end("a longer body");
  expect(await chunked.answer).toBe(413);
  const announced = await upload(read, { "content-length": "13" });
  announced.outgoing.end("a longer body");
  expect(await announced.answer).toBe(413);
});

test("Exchange body() fails with 499 when the peer leaves", async () => {
  let fail: ((error: unknown) => void) | undefined;
  const failed = new Promise((resolve) => (fail = resolve));
  const { outgoing, answer } = await upload(async (exchange) => {
    try {
      for await (const part of exchange.body()) if (part.length > 0) outgoing.destroy();
    } catch (error) {
      fail?.(error);
    }
  });
  answer.catch(() => {});
  outgoing.write("some");
  expect(await failed).toMatchObject({ code: 499, reason: "CLIENT_CLOSED" });
});

test("Exchange body() that is left early still lets the handler answer", async () => {
  const { outgoing, answer } = await upload(async (exchange) => {
    for await (const part of exchange.body()) if (part.length > 0) break;
    exchange.reply({ status: 202 });
  });
  outgoing.end(Buffer.alloc(4 * 1024 * 1024));
  expect(await answer).toBe(202);
});
