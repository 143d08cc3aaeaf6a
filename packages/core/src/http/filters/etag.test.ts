import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { compress, etag, type EtagOptions, type Exchange, type Filter } from "../index.ts";
import { ask, type RawReply, type WireName, wires } from "../testdata/both-wires.ts";
import { closeH2 } from "../testdata/h2-client.ts";
import { serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const text = "the same every time ".repeat(100);

type AskIt = (headers?: Record<string, string>, method?: string) => Promise<RawReply>;

async function serveIt(
  wire: WireName,
  filters: readonly Filter[],
  answer: (exchange: Exchange) => void = plain,
): Promise<AskIt> {
  const { server, origin } = await serve({ filters });
  server.handle("/it", answer);
  return (headers = {}, method = "GET") => ask(wire, origin, { path: "/it", method, headers });
}

function plain(exchange: Exchange): void {
  exchange.replyHeader.set("Cache-Control", "max-age=60");
  exchange.reply({ status: 200, headers: ["Content-Type", "text/plain"], body: text });
}

describe.each(wires)("etag() over %s", (wire) => {
  test("tags answers by their bodies", async () => {
    const answerTarget = (exchange: Exchange): void =>
      exchange.reply({ status: 200, body: exchange.requestHeader.get("x-body") });
    const it = await serveIt(wire, [etag()], answerTarget);
    const tags = await Promise.all(
      ["one", "one", "two"].map(async (body) => (await it({ "x-body": body })).headers["etag"]),
    );
    expect(tags[0]).toMatch(/^"[\w-]{20,}"$/);
    expect([tags[1] === tags[0], tags[2] === tags[0]]).toEqual([true, false]);
  });

  test("answers 304 to a peer that has it, without what tells of a body", async () => {
    const it = await serveIt(wire, [etag()]);
    const { headers } = await it();
    const tag = headers["etag"] ?? "";
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const again = await it({ "if-none-match": known });
      expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, tag]);
      expect(again.headers["content-type"]).toBeUndefined();
      expect(again.headers["cache-control"]).toBe("max-age=60");
    }
    expect((await it({ "if-none-match": '"other"' })).status).toBe(200);
  });

  test("answers 412 to a peer that wants another", async () => {
    const it = await serveIt(wire, [etag()]);
    const reply = await it({ "if-match": '"other"' });
    expect([reply.status, JSON.parse(String(reply.body))]).toMatchObject([
      412,
      { reason: "PRECONDITION_FAILED" },
    ]);
    const { headers } = await it();
    expect((await it({ "if-match": headers["etag"] ?? "" })).status).toBe(200);
  });

  test("judges by the tag an answer has, and tags HEAD as GET", async () => {
    const answer = (exchange: Exchange): void => {
      exchange.replyHeader.set("ETag", '"own"');
      plain(exchange);
    };
    const it = await serveIt(wire, [etag()], answer);
    expect((await it()).headers["etag"]).toBe('"own"');
    expect((await it({ "if-none-match": '"own"' })).status).toBe(304);
    const tagged = await serveIt(wire, [etag()]);
    const tag = (await tagged()).headers["etag"];
    expect((await tagged({}, "HEAD")).headers["etag"]).toBe(tag);
  });

  test.each<[string, EtagOptions, (exchange: Exchange) => void, string]>([
    ["other methods", {}, plain, "PUT"],
    ["failures", {}, (exchange) => exchange.reply({ status: 404, body: text }), "GET"],
    ["no content", {}, (exchange) => exchange.reply({ status: 204 }), "GET"],
    ["large answers", { maxBytes: 10 }, plain, "GET"],
    ["answers in pieces", {}, inPieces, "GET"],
  ])("leaves %s alone", async (_, options, answer, method) => {
    const it = await serveIt(wire, [etag(options)], answer);
    const { headers } = await it({ "if-match": '"other"' }, method);
    expect(headers["etag"]).toBeUndefined();
  });

  test("inside of compress() knows its answers whatever they are packed with", async () => {
    const it = await serveIt(wire, [compress({ minBytes: 0 }), etag()]);
    const packed = await it({ "accept-encoding": "gzip" });
    const tag = packed.headers["etag"] ?? "";
    expect([tag.startsWith('W/"'), String(gunzipSync(packed.body))]).toEqual([true, text]);
    expect((await it({ "accept-encoding": "gzip", "if-none-match": tag })).status).toBe(304);
  });
});

function inPieces(exchange: Exchange): void {
  exchange.begin({ status: 200 });
  exchange.write(text);
  exchange.end();
}

test("etag() makes weak tags when it is to", async () => {
  const it = await serveIt("HTTP/1.1", [etag({ weak: true })]);
  expect((await it()).headers["etag"]).toMatch(/^W\/"/);
});

test("etag() refuses a size below 0 when it is made", () => {
  expect(() => etag({ maxBytes: -1 })).toThrow(/^Cannot .* as .*: current value is -1/);
});
