import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as sendRequest } from "node:http";
import type { Writable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import type { HttpServerOptions } from "../index.ts";
import { type WireName, wires } from "../testdata/both-wires.ts";
import { beginH2, closeH2, openH2 } from "../testdata/h2-client.ts";
import { deferred, dial, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

interface Upload {
  readonly outgoing: Writable;
  readonly status: Promise<number>;
}

async function begin(wire: WireName, origin: string, path: string): Promise<Upload> {
  if (wire === "HTTP/2") {
    const stream = beginH2(await openH2(origin), { method: "POST", path });
    const status = once(stream, "response").then(([head]) => {
      const { ":status": code } = head as { readonly ":status": number }; // node's event
      return code;
    });
    return { outgoing: stream, status };
  }
  const request: ClientRequest = sendRequest(`${origin}${path}`, { method: "POST", agent: false });
  request.on("error", () => {});
  request.flushHeaders();
  const status = once(request, "response").then(
    ([response]) => (response as IncomingMessage).resume().statusCode ?? 0,
  ); // node's event
  return { outgoing: request, status };
}

/** A server of uploads, which are limited, and of streams, which are not; `seen` is called for each part. */
async function serveBodies(
  options: HttpServerOptions,
  seen: () => void = () => {},
): Promise<string> {
  const { server, origin } = await serve(options);
  for (const [path, limit] of [
    ["/upload", 1e9],
    ["/stream", undefined],
  ] as const) {
    server.handle(path, async (exchange) => {
      for await (const part of exchange.body(limit)) if (part.length > 0) seen();
      exchange.reply({ status: 200 });
    });
  }
  server.handle("/whole", async (exchange) => {
    await exchange.readBody(1e9);
    exchange.reply({ status: 200 });
  });
  return origin;
}

describe.each(wires)("HttpServer over %s", (wire) => {
  test("lets an upload that goes on take longer than requestTimeoutMs", async () => {
    let wake = (): void => {};
    const origin = await serveBodies({ requestTimeoutMs: 50 }, () => wake());
    const { outgoing, status } = await begin(wire, origin, "/upload");
    const end = performance.now() + 400;
    while (performance.now() < end) {
      const { promise, resolve } = deferred<void>();
      wake = () => resolve();
      outgoing.write("more");
      await promise;
    }
    outgoing.end();
    expect(await status).toBe(200);
  });

  test("answers 408 to an upload of which nothing more comes", async () => {
    const origin = await serveBodies({ bodyIdleTimeoutMs: 40 });
    const { outgoing, status } = await begin(wire, origin, "/upload");
    outgoing.write("some");
    expect(await status).toBe(408);
  });

  test("lets a stream be silent for as long as it wants", async () => {
    const first = deferred<void>();
    const origin = await serveBodies({ bodyIdleTimeoutMs: 40, requestTimeoutMs: 40 }, () =>
      first.resolve(),
    );
    const stream = await begin(wire, origin, "/stream");
    stream.outgoing.write("some");
    await first.promise;
    const upload = await begin(wire, origin, "/upload");
    expect(await upload.status).toBe(408);
    stream.outgoing.end("more");
    expect(await stream.status).toBe(200);
  });

  test("still ends a body that is read whole by requestTimeoutMs", async () => {
    const origin = await serveBodies({ requestTimeoutMs: 40 });
    const { outgoing, status } = await begin(wire, origin, "/whole");
    outgoing.write("some");
    expect(await status).toBe(408);
  });
});

test("HttpServer closes a connection whose body nobody reads and that never ends", async () => {
  const { server, host } = await serve({ bodyIdleTimeoutMs: 40, keepAliveTimeoutMs: 0 });
  server.handle("/left", async (exchange) => {
    for await (const part of exchange.body()) if (part.length > 0) break;
    exchange.reply({ status: 202 });
  });
  const socket = dial(host).on("error", () => {});
  const head = "POST /left HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n";
  socket.write(head);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 202/);
  await once(socket.resume(), "close");
});
