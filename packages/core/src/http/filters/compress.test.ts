import { once } from "node:events";
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzipSync,
  inflateSync,
} from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type CompressOptions, compress, type Exchange, type HttpServerOptions } from "../index.ts";
import { ask, open, type RawReply, type WireName, wires } from "../testdata/both-wires.ts";
import { closeH2 } from "../testdata/h2-client.ts";
import { deferred, libraryServer, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const text = "all work and no play ".repeat(200);
const json = "application/json";

interface Case {
  readonly accept?: string;
  readonly options?: CompressOptions;
  readonly method?: string;
  readonly answer: (exchange: Exchange) => void;
}

async function answerOf(
  wire: WireName,
  { accept, options, method = "GET", answer }: Case,
): Promise<RawReply> {
  const { server, origin } = await serve({ filters: [compress(options)] });
  server.handle("/it", answer);
  const headers: Record<string, string> = accept === undefined ? {} : { "accept-encoding": accept };
  return ask(wire, origin, { path: "/it", method, headers });
}

const plain =
  (type: string = json, headers: readonly string[] = [], body: string = text) =>
  (exchange: Exchange): void =>
    exchange.reply({ status: 200, headers: ["Content-Type", type, ...headers], body });

const encodingOf = ({ headers }: RawReply): string | undefined => headers["content-encoding"];

describe.each(wires)("compress() over %s", (wire) => {
  test.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
  ] as const)("packs a whole answer as %s", async (coding, unpack) => {
    const reply = await answerOf(wire, { accept: coding, answer: plain() });
    expect([encodingOf(reply), reply.headers["vary"]]).toEqual([coding, "Accept-Encoding"]);
    expect(reply.headers["content-length"]).toBe(String(reply.body.length));
    expect(reply.body.length).toBeLessThan(text.length / 2);
    expect(unpack(reply.body).toString()).toBe(text);
  });

  test.each<[string, string | undefined, string | undefined]>([
    ["nothing is accepted", undefined, undefined],
    ["the preferred of equals", "deflate, gzip, br", "br"],
    ["the one liked best", "br;q=0.5, gzip;q=0.9", "gzip"],
    ["one that is not refused", "*, br;q=0", "gzip"],
    ["anything", "*", "br"],
    ["only codings that are not known", "zstd, compress", undefined],
    ["the content as it is liked best", "identity, gzip;q=0.5", undefined],
    ["all refused", "gzip;q=0, br;q=0.000", undefined],
    ["a weight that is none", "gzip;q=2", undefined],
    ["the old name", "x-gzip", "gzip"],
  ])("chooses where the peer says: %s", async (_, accept, coding) => {
    const reply = await answerOf(wire, { ...(accept && { accept }), answer: plain() });
    expect([encodingOf(reply), reply.headers["vary"]]).toEqual([coding, "Accept-Encoding"]);
  });

  test.each<[string, (exchange: Exchange) => void]>([
    ["events", plain("text/event-stream")],
    ["enveloped messages", plain("application/connect+json")],
    ["an image", plain("image/png")],
    ["no type", (exchange) => exchange.reply({ status: 200, body: text })],
    ["what is packed already", plain(json, ["Content-Encoding", "zstd"])],
    ["what must not be changed", plain(json, ["Cache-Control", "max-age=1, no-transform"])],
    ["a part", plain(json, ["Content-Range", "bytes 0-9/10"])],
    ["204", (exchange) => exchange.reply({ status: 204, headers: ["Content-Type", json] })],
    ["304", (exchange) => exchange.reply({ status: 304, headers: ["Content-Type", json] })],
  ])("leaves %s as it is", async (_, answer) => {
    const reply = await answerOf(wire, { accept: "gzip", answer });
    expect([encodingOf(reply) === "gzip", reply.headers["vary"]]).toEqual([false, undefined]);
  });

  test("leaves small answers as they are, and tells caches nevertheless", async () => {
    const reply = await answerOf(wire, { accept: "gzip", answer: plain(json, [], "{}") });
    expect([encodingOf(reply), reply.headers["vary"]]).toEqual([undefined, "Accept-Encoding"]);
    const options = { minBytes: 0 };
    const packed = await answerOf(wire, { accept: "gzip", options, answer: plain(json, [], "{}") });
    expect(encodingOf(packed)).toBe("gzip");
  });

  test("answers HEAD without a body and without packing", async () => {
    const reply = await answerOf(wire, { accept: "gzip", method: "HEAD", answer: plain() });
    expect([reply.status, encodingOf(reply), reply.body.length]).toEqual([200, undefined, 0]);
  });

  test("makes a strong ETag weak, and joins every Vary", async () => {
    const answer = (exchange: Exchange): void => {
      exchange.replyHeader.set("ETag", '"one"');
      exchange.replyHeader.add("Vary", "Origin");
      plain(json, ["Vary", "Accept"])(exchange);
    };
    const reply = await answerOf(wire, { accept: "gzip", answer });
    expect(reply.headers["etag"]).toBe('W/"one"');
    expect(reply.headers["vary"]?.split(", ").toSorted()).toEqual([
      "Accept",
      "Accept-Encoding",
      "Origin",
    ]);
    const asIs = await answerOf(wire, { answer });
    expect(asIs.headers["etag"]).toBe('"one"');
  });

  test("packs answers of services and of mounted handlers", async () => {
    const options: HttpServerOptions = {
      filters: [compress({ minBytes: 0, encodings: ["gzip"] })],
    };
    const { server, origin } = await serve(options);
    server.mount("/app", (_request, response, _next) => {
      response.setHeader("Content-Type", "text/plain").end(text);
    });
    const headers = { "accept-encoding": "gzip" };
    const book = await ask(wire, origin, { path: "/v1/books/1", headers });
    expect(JSON.parse(gunzipSync(book.body).toString())).toMatchObject({ id: "1" });
    const page = await ask(wire, origin, { path: "/app/x", headers });
    expect([encodingOf(page), gunzipSync(page.body).toString()]).toEqual(["gzip", text]);
  });

  test.each([
    ["br", createBrotliDecompress],
    ["gzip", createGunzip],
    ["deflate", createInflate],
  ] as const)("lets each line of a stream in %s be read as it comes", async (coding, unpacker) => {
    const next = [deferred<void>(), deferred<void>()];
    const { server, origin } = await serve({ filters: [compress()] });
    server.handle("/lines", async (exchange) => {
      exchange.begin({ status: 200, headers: ["Content-Type", "application/x-ndjson"] });
      for (const [at, step] of next.entries()) {
        exchange.write(`{"at":${at}}\n`);
        await step.promise;
      }
      exchange.end();
    });
    const reply = await open(wire, origin, {
      path: "/lines",
      headers: { "accept-encoding": coding },
    });
    expect(reply.headers["content-encoding"]).toBe(coding);
    const lines = reply.stream.pipe(unpacker());
    for (const [at, step] of next.entries()) {
      const [line] = await once(lines, "data");
      expect(String(line)).toBe(`{"at":${at}}\n`);
      step.resolve();
    }
    await once(lines.resume(), "end");
  });

  test("takes no more of a stream than its peer reads", async () => {
    const full = deferred<number>();
    const left = deferred<void>();
    const { server, origin } = await serve({ filters: [compress()] });
    server.handle("/noise", async (exchange) => {
      exchange.begin({ status: 200, headers: ["Content-Type", "text/plain"] });
      // Noise cannot be packed: what goes in comes out.
      const noise = Buffer.from(Array.from({ length: 65536 }, () => Math.random() * 256));
      let bytes = 0;
      while (exchange.write(noise) && bytes < 1e9) {
        bytes += noise.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
      full.resolve(bytes);
      await exchange.drained();
      left.resolve();
    });
    const headers = { "accept-encoding": "gzip" };
    const { stream } = await open(wire, origin, { path: "/noise", headers });
    expect(await full.promise).toBeLessThan(64 * 1024 * 1024);
    stream.on("error", () => {}).destroy();
    await left.promise;
  });

  test("cuts an answer whose handler fails halfway", async () => {
    const { server, origin } = await serve({ filters: [compress()] });
    server.handle("/half", async (exchange) => {
      exchange.begin({ status: 200, headers: ["Content-Type", "text/plain"] });
      exchange.write("half");
      throw new Error("broken");
    });
    const headers = { "accept-encoding": "gzip" };
    const { stream } = await open(wire, origin, { path: "/half", headers });
    await expect(once(stream.resume(), "end")).rejects.toThrow(/aborted|closed with error/);
  });
});

test("compress() answers a handler that fails after it has answered once only", async () => {
  const server = libraryServer({ filters: [compress()] });
  server.handle("/late", (exchange) => {
    plain()(exchange);
    throw new Error("too late");
  });
  const asked = { path: "/late", headers: { "accept-encoding": "gzip" } };
  await expect(server.inject(asked)).resolves.toMatchObject({ status: 200 });
});

test.each<[string, CompressOptions]>([
  ["no coding", { encodings: [] }],
  ["a coding that is not known", { encodings: ["zstd" as "br"] }],
  ["a negative size", { minBytes: -1 }],
  ["a type that is none", { types: ["json"] }],
])("compress() refuses %s when it is made", (_, options) => {
  expect(() => compress(options)).toThrow(/^Cannot .* as .*: current value is /);
});
