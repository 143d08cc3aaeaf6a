import { afterEach, describe, expect, test } from "vitest";
import type { Exchange, HttpServerOptions } from "../index.ts";
import { serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

const get = "GET /reply HTTP/1.1\r\nHost: x\r\n\r\n";
const dateLine = /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/m;

/** What a server says to these requests, the last of which ends the connection. */
async function answers(
  answer: (exchange: Exchange) => void,
  { requests = get, ...options }: HttpServerOptions & { readonly requests?: string } = {},
): Promise<string> {
  const { server, host } = await serve(options);
  server.handle("/reply", answer);
  const last = "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  return (await speak(host, requests + last)).split("HTTP/1.1 404")[0] ?? "";
}

describe("an answer over HTTP/1.1 that is sent whole", () => {
  test("has its status, its headers in order, a date, and its length", async () => {
    const said = await answers(
      (exchange) =>
        exchange.reply({ status: 207, headers: ["X-One", "1", "x-two", "2"], body: "text" }),
      { keepAliveTimeoutMs: 7000 },
    );
    expect(said).toMatch(dateLine);
    expect(said.replace(dateLine, "Date")).toBe(
      "HTTP/1.1 207 Multi-Status\r\nX-One: 1\r\nx-two: 2\r\nDate\r\nConnection: keep-alive\r\nKeep-Alive: timeout=7\r\nContent-Length: 4\r\n\r\ntext",
    );
  });

  test.each<[string, string | Uint8Array]>([
    ["text beyond Latin-1", "ä€😀"],
    ["bytes", Buffer.from("ä€😀")],
  ])("has %s counted and sent as UTF-8", async (_name, body) => {
    const said = await answers((exchange) =>
      exchange.reply({ status: 200, headers: ["X-Latin", "\u00e4"], body }),
    );
    expect(said).toContain("X-Latin: \u00e4\r\n");
    expect(said).toContain("Content-Length: 9\r\n\r\n");
    expect(Buffer.from(said.split("\r\n\r\n")[1] ?? "", "latin1").toString()).toBe("ä€😀");
  });

  test("keeps a date of its own", async () => {
    const headers = ["Date", "Thu, 01 Jan 1970 00:00:00 GMT"];
    const said = await answers((exchange) => exchange.reply({ status: 200, headers, body: "x" }));
    expect(said.match(/date/gi)).toHaveLength(1);
  });

  test("answers pipelined requests in their order", async () => {
    let count = 0;
    const said = await answers(
      (exchange) => exchange.reply({ status: 200, body: `answer ${(count += 1)}` }),
      { requests: get.repeat(20) },
    );
    expect(said.match(/answer \d+/g)).toEqual(
      Array.from({ length: 20 }, (_, at) => `answer ${at + 1}`),
    );
  });

  test("answers pipelined requests in their order, also those that are answered late", async () => {
    const held: Exchange[] = [];
    const said = await answers(
      (exchange) => {
        held.push(exchange);
        if (held.length < 3) return;
        for (const [at, one] of [...held.entries()].toReversed())
          one.reply({ status: 200, body: `answer ${at}` });
      },
      { requests: get.repeat(3) },
    );
    expect(said.match(/answer \d+/g)).toEqual(["answer 0", "answer 1", "answer 2"]);
  });

  test("closes the connection of a client that asks for it, and of HTTP/1.0", async () => {
    const { server, host } = await serve();
    server.handle("/reply", (exchange) => exchange.reply({ status: 200, body: "x" }));
    const close = "GET /reply HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (const request of [close, "GET /reply HTTP/1.0\r\n\r\n"]) {
      const said = await speak(host, request);
      expect(said).toContain("Connection: close\r\n");
      expect(said.endsWith("\r\n\r\nx")).toBe(true);
    }
  });

  test("goes by a response that a filter has changed", async () => {
    const said = await answers((exchange) => exchange.reply({ status: 200, body: "x" }), {
      filters: [
        (next) => (exchange, ctx) => {
          exchange.node?.response.setHeader("X-Raw", "set");
          return next(exchange, ctx);
        },
      ],
    });
    expect(said).toContain("X-Raw: set\r\n");
  });

  test("counts as sent for who looks at the response", async () => {
    const seen: unknown[] = [];
    await answers((exchange) => {
      exchange.reply({ status: 201, body: "x" });
      const response = exchange.node?.response;
      seen.push(response?.headersSent, response?.writableEnded, response?.statusCode);
      seen.push(exchange.answered);
      response?.on("finish", () => seen.push("finish"));
      response?.on("close", () => seen.push("close", exchange.closed));
    });
    expect(seen).toEqual([true, true, 201, true, "finish", "close", true]);
  });

  test("cannot be given twice", async () => {
    const refused: unknown[] = [];
    const said = await answers((exchange) => {
      exchange.reply({ status: 200, body: "first" });
      try {
        exchange.reply({ status: 200, body: "second" });
      } catch (error) {
        refused.push((error as Error).message);
      }
    });
    expect(said).toMatch(/first$/);
    expect(refused).toEqual([expect.stringMatching(/headers.*sent/i)]);
  });
});
