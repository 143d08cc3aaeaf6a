import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { frameWith } from "../../encoding/framing/index.ts";
import type { HttpServerOptions } from "../index.ts";
import { askH2, closeH2, openH2 } from "../testdata/h2-client.ts";
import { serve, stopServers } from "../testdata/serve.ts";
import { stopTalkServers, talkServer } from "../testdata/talk-service.ts";

afterEach(async () => {
  closeH2();
  await Promise.all([stopServers(), stopTalkServers()]);
});

const zeros = Buffer.alloc(64 * 1024 * 1024);
const text = Buffer.from(`{"text":"${"a".repeat(8 * 1024 * 1024)}"}`);
const small: HttpServerOptions = { maxBodyBytes: 64 * 1024 };

const packers = [
  ["gzip", gzipSync(zeros), gzipSync(text)],
  ["deflate", deflateSync(zeros), deflateSync(text)],
  ["br", brotliCompressSync(zeros), brotliCompressSync(text)],
] as const;

/** How much more memory outside of the heap was held at most while it ran than before. */
async function heldBytes(run: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }, 1);
  await run();
  clearInterval(timer);
  return Math.max(most, process.memoryUsage().arrayBuffers) - before;
}

test.each(packers)(
  "HttpServer refuses a bomb in %s over Connect, and unpacks no more than its limit",
  async (encoding, ...bombs) => {
    const server = talkServer(small);
    for (const body of bombs) {
      const held = await heldBytes(async () => {
        const reply = await server.inject({
          method: "POST",
          path: "/talk.v1.Talk/Say",
          headers: {
            "content-type": "application/json",
            "connect-protocol-version": "1",
            "content-encoding": encoding,
          },
          body,
        });
        expect([reply.status, reply.json()]).toMatchObject([429, { code: "resource_exhausted" }]);
      });
      expect(held).toBeLessThan(8 * 1024 * 1024);
    }
  },
);

test.each(packers)(
  "HttpServer refuses a bomb in %s inside of an envelope of Connect streams and gRPC-Web",
  async (encoding, bomb) => {
    const server = talkServer(small);
    const body = frameWith(1, bomb);
    const connect = await server.inject({
      method: "POST",
      path: "/talk.v1.Talk/Gather",
      headers: {
        "content-type": "application/connect+proto",
        "connect-content-encoding": encoding,
      },
      body,
    });
    expect([connect.status, connect.text()]).toEqual([
      200,
      expect.stringContaining("resource_exhausted"),
    ]);
    const web = await server.inject({
      method: "POST",
      path: "/talk.v1.Talk/Say",
      headers: { "content-type": "application/grpc-web+proto", "grpc-encoding": encoding },
      body,
    });
    expect([
      web.status,
      web.headers["grpc-status"] ?? /grpc-status: ?(\d+)/.exec(web.text())?.[1],
    ]).toEqual([200, "8"]);
  },
);

test("HttpServer refuses a bomb over gRPC and goes on with the connection", async () => {
  const { origin } = await serve({ ...small, grpc: { maxReceiveMessageBytes: 64 * 1024 } });
  const client = await openH2(origin);
  const headers = { "content-type": "application/grpc", te: "trailers", "grpc-encoding": "gzip" };
  const path = "/library.v1.Library/GetBook";
  const reply = await askH2(client, {
    method: "POST",
    path,
    headers,
    body: frameWith(1, packers[0][1]),
  });
  expect([reply.status, reply.headers["grpc-status"]]).toEqual([200, "8"]);
  expect((await askH2(client, { path: "/v1/books/1" })).status).toBe(200);
});

test.each(["gzip", "br", "deflate", "zstd", "gzip, gzip", "compress", "x-gzip", "identity, gzip"])(
  "HttpServer refuses a REST body in the coding %s unread",
  async (coding) => {
    const { origin } = await serve(small);
    const reply = await fetch(`${origin}/v1/books/1`, {
      method: "PUT",
      headers: { "content-type": "application/json", "content-encoding": coding },
      body: packers[0][1],
    });
    expect(reply.status).toBe(415);
    expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
  },
);

test.each([
  ["bytes that are not packed", Buffer.from("{}")],
  ["a head alone", gzipSync("{}").subarray(0, 12)],
  ["half of it", gzipSync('{"text":"abc"}').subarray(0, 20)],
  [
    "a wrong sum",
    Buffer.from(gzipSync("{}").map((byte, at, all) => (at === all.length - 5 ? byte ^ 255 : byte))),
  ],
])("HttpServer refuses gzip that is %s over Connect", async (_name, body) => {
  const reply = await talkServer().inject({
    method: "POST",
    path: "/talk.v1.Talk/Say",
    headers: {
      "content-type": "application/json",
      "connect-protocol-version": "1",
      "content-encoding": "gzip",
    },
    body,
  });
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.headers["content-type"]).toBe("application/json");
});

test.each([
  ["an envelope of 4 GiB", Buffer.from([0, 255, 255, 255, 255])],
  ["an envelope that says more than the limit", Buffer.from([0, 0, 1, 0, 1])],
  ["flags that mean nothing", Buffer.from([0x7e, 0, 0, 0, 0])],
])("HttpServer refuses %s before its bytes come", async (_name, body) => {
  const server = talkServer(small);
  for (const type of ["application/connect+proto", "application/grpc-web+proto"]) {
    const reply = await server.inject({
      method: "POST",
      path: "/talk.v1.Talk/Gather",
      headers: { "content-type": type },
      body,
    });
    expect(reply.status).toBeLessThan(500);
    expect(reply.text() + (reply.headers["grpc-status"] ?? "")).toMatch(
      /resource_exhausted|invalid_argument|internal|unimplemented|grpc-status|^\d+$/,
    );
  }
});
