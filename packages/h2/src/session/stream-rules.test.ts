import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type ClientSession, encodeHeaders, errorCodes, type H2Error } from "../index.ts";
import { call, type Ears, getRequest, openClient } from "../testdata/local-client.ts";
import { frame, get, RawPeer, settings, types } from "../testdata/raw-peer.ts";
import { answerOk, listen, serve } from "../testdata/serving.ts";

const headers = (fields: readonly string[], id: number, flags = 4): Buffer =>
  frame(types.headers, id, { flags, payload: encodeHeaders(fields).bytes });
const data = (id: number, text: string, flags = 0): Buffer =>
  frame(types.data, id, { flags, payload: Buffer.from(text) });

/** What a client hears when a server answers its first stream with these frames. */
async function answered(
  frames: readonly Buffer[],
  request: readonly string[] = getRequest,
): Promise<{ ears: Ears; session: ClientSession }> {
  const server = createServer();
  const port = await listen(server);
  const connected = once(server, "connection");
  await using session = await openClient(port);
  const { ears } = call(session, request);
  const [socket] = (await connected) as [Socket]; // what the event carries
  socket.on("error", () => undefined);
  socket.write(Buffer.concat([settings(), ...frames]));
  await ears.ended;
  socket.destroy();
  server.close();
  return { ears, session };
}

describe("a response", () => {
  test.each([
    ["DATA before its headers", [data(1, "x", 1)], "RFC 9113 section 8.1"],
    [
      "DATA after interim headers alone",
      [headers([":status", "103"], 1), data(1, "x", 1)],
      "RFC 9113 section 8.1",
    ],
    [":status 101", [headers([":status", "101"], 1)], "RFC 9113 section 8.1.1"],
    ["no :status", [headers(["a", "b"], 1)], "RFC 9113 section 8.1.1"],
    ["a :status of two digits", [headers([":status", "20"], 1)], "RFC 9113 section 8.1.1"],
    [
      "a request's pseudo-header",
      [headers([":status", "200", ":path", "/"], 1)],
      "RFC 9113 section 8.1.1",
    ],
    [
      "an interim response that ends the stream",
      [headers([":status", "100"], 1, 5)],
      "RFC 9113 section 8.1",
    ],
    [
      "more than its content-length",
      [headers([":status", "200", "content-length", "1"], 1), data(1, "xy")],
      "RFC 9113 section 8.1.1",
    ],
    [
      "less than its content-length",
      [headers([":status", "200", "content-length", "3"], 1), data(1, "xy", 1)],
      "RFC 9113 section 8.1.1",
    ],
    [
      "trailers without END_STREAM",
      [headers([":status", "200"], 1), headers(["a", "b"], 1)],
      "RFC 9113 section 8.1.1",
    ],
    [
      "trailers with a pseudo-header",
      [headers([":status", "200"], 1), headers([":status", "200"], 1, 5)],
      "RFC 9113 section 8.1.1",
    ],
  ])("with %s resets the stream with PROTOCOL_ERROR", async (_name, frames, section) => {
    const { ears, session } = await answered(frames);
    const error = ears.error as H2Error; // the stream was aborted
    expect(error).toMatchObject({
      code: errorCodes.protocolError,
      scope: "stream",
      section,
      remote: false,
    });
    expect(session.counters).toMatchObject({ streamsFailed: 1, resetsSent: 1 });
    expect(session.openStreams).toBe(0);
  });

  test.each([
    ["HEAD", "200", [":method", "HEAD", ":scheme", "http", ":path", "/", ":authority", "a"]],
    ["GET", "304", getRequest],
  ])(
    "to %s with status %s has no body whatever its content-length is",
    async (_method, status, request) => {
      const frames = [headers([":status", status, "content-length", "9"], 1), data(1, "", 1)];
      const { ears } = await answered(frames, request);
      expect([ears.error, ears.status, ears.received]).toEqual([undefined, status, 0]);
    },
  );
});

describe("a request", () => {
  const valid = { ":method": "GET", ":scheme": "http", ":path": "/", ":authority": "a" };
  const list = (fields: Record<string, string>, ...more: readonly string[]): readonly string[] => [
    ...Object.entries(fields).flat(),
    ...more,
  ];

  const target = "RFC 9113 section 8.3.1";
  test.each([
    ["a path without a slash", list({ ...valid, ":path": "a" }), ":path", target],
    ["an empty path", list({ ...valid, ":path": "" }), "no :path", target],
    ["an asterisk and GET", list({ ...valid, ":path": "*" }), '"*" without OPTIONS', target],
    ["a space in the path", list({ ...valid, ":path": "/a b" }), "a space", "RFC 3986 section 3.3"],
    ["a tab in the path", list({ ...valid, ":path": "/a\tb" }), ":path", "RFC 3986 section 3.3"],
    ["DEL in the path", list({ ...valid, ":path": "/\u007f" }), ":path", "RFC 3986 section 3.3"],
    ["ESC in the path", list({ ...valid, ":path": "/\u001b" }), ":path", "RFC 3986 section 3.3"],
    ["a fragment", list({ ...valid, ":path": "/a#b" }), '"#"', "RFC 3986 section 3.3"],
    ["no method", list({ ":scheme": "http", ":path": "/" }), "no :method", target],
    ["a space in the method", list({ ...valid, ":method": "G T" }), ":method", "RFC 9110"],
    ["no scheme", list({ ":method": "GET", ":path": "/", ":authority": "a" }), ":scheme", target],
    ["a scheme with a colon", list({ ...valid, ":scheme": "a:" }), ":scheme", "RFC 3986"],
    [
      "no authority",
      list({ ":method": "GET", ":scheme": "http", ":path": "/" }),
      "neither",
      target,
    ],
    ["an empty authority", list({ ...valid, ":authority": "" }), "neither", target],
    [
      "an empty authority and a host",
      list({ ...valid, ":authority": "" }, "host", "a"),
      "differs",
      target,
    ],
    ["user information", list({ ...valid, ":authority": "u:p@a" }), "user information", target],
    ["a space in the authority", list({ ...valid, ":authority": "a b" }), ":authority", "RFC 3986"],
    ["a slash in the authority", list({ ...valid, ":authority": "a/b" }), ":authority", "RFC 3986"],
    ["ESC in the authority", list({ ...valid, ":authority": "a\u001b" }), ":authority", "RFC 3986"],
    ["another host", list(valid, "host", "b"), "host that differs", target],
    ["another port", list(valid, "host", "a:8080"), "host that differs", target],
    ["two hosts", [...list(valid).slice(0, 6), "host", "a", "host", "b"], "differs", target],
    ["user information in host", [...list(valid).slice(0, 6), "host", "u@a"], "user", target],
    [
      "a comma and a space in host",
      [...list(valid).slice(0, 6), "host", "a, b"],
      "host",
      "RFC 3986",
    ],
    ["a path twice", list(valid, ":path", "/"), "twice", "RFC 9113 section 8.3"],
    ["an unknown pseudo-header", list(valid, ":protocol", "x"), ":protocol", "section 8.3"],
    ["a pseudo-header behind a field", ["a", "b", ...list(valid)], "after", "section 8.3"],
    ["an upper-case name", list(valid, "A", "b"), "lower-case", "section 8.2.1"],
    ["an empty name", list(valid, "", "b"), "lower-case", "section 8.2.1"],
    ["a line feed in a value", list(valid, "a", "b\nc"), "forbidden", "section 8.2.1"],
    ["a blank at the end of a value", list(valid, "a", "b "), "forbidden", "section 8.2.1"],
    ["connection", list(valid, "connection", "close"), "connection", "section 8.2.2"],
    ["transfer-encoding", list(valid, "transfer-encoding", "chunked"), "transfer", "section 8.2.2"],
    ["te of another value", list(valid, "te", "gzip"), "trailers", "section 8.2.2"],
    [
      "two different content-lengths",
      list(valid, "content-length", "1", "content-length", "2"),
      "content-length",
      "RFC 9110 section 8.6",
    ],
    [
      "a content-length that is no number",
      list(valid, "content-length", "+1"),
      "content-length",
      "RFC 9110 section 8.6",
    ],
    ["CONNECT with a path", list({ ...valid, ":method": "CONNECT" }), "CONNECT", "section 8.5"],
    [
      "CONNECT with user information",
      [":method", "CONNECT", ":authority", "u@a:1"],
      "user",
      target,
    ],
  ])(
    "with %s is refused with PROTOCOL_ERROR that names the rule, and the session goes on",
    async (_name, fields, rule, section) => {
      await using serving = await serve();
      using peer = await RawPeer.open(serving.port);
      peer.send(headers(fields, 1, 4), get(3));
      expect(await peer.resetOf(1)).toBe(errorCodes.protocolError);
      await peer.find(({ type, id }) => type === types.data && id === 3);
      const session = await serving.session(0);
      expect(session.counters).toMatchObject({ streamsOpened: 1, streamsFailed: 1 });
      expect(session.lastFault).toMatchObject({
        code: errorCodes.protocolError,
        scope: "stream",
        section: "RFC 9113 section 8.1.1",
      });
      expect(session.lastFault?.message).toContain(rule);
      expect(session.lastFault?.message).toContain(section);
    },
  );

  test.each([
    ["the asterisk of OPTIONS", list({ ...valid, ":method": "OPTIONS", ":path": "*" })],
    ["a path and a query", list({ ...valid, ":path": "/a/%20?b=c&d|{}/?[]" })],
    ["a path of bytes beyond ASCII", list({ ...valid, ":path": "/\u00e9" })],
    ["an address of IPv6", list({ ...valid, ":authority": "[::1]:80" })],
    ["the same host", list({ ...valid, ":authority": "A.b:80" }, "host", "a.b")],
    ["the same host with the port that goes without saying", list(valid, "host", "a:80")],
    ["host alone", [...list(valid).slice(0, 6), "host", "a"]],
    ["a scheme without hosts", [":method", "GET", ":scheme", "x-a", ":path", "/"]],
    ["te: trailers", list(valid, "te", "trailers")],
    ["the same content-length twice", list(valid, "content-length", "0", "content-length", "0")],
    ["CONNECT and an authority", [":method", "CONNECT", ":authority", "a:1"]],
    ["every value of a repeated field", list(valid, "a", "b", "a", "c")],
  ])("with %s is served", async (_name, fields) => {
    let seen: readonly string[] = [];
    await using serving = await serve((stream, block, endStream) => {
      seen = block.fields;
      return answerOk(stream, block, endStream);
    });
    using peer = await RawPeer.open(serving.port);
    peer.send(headers(fields, 1, 5));
    await peer.find(({ type, id }) => type === types.data && id === 1);
    expect(seen).toEqual(fields);
  });
});

test("resets of a client that also finishes its calls are no flood", async () => {
  const open: (() => void)[] = [];
  await using serving = await serve((stream) => {
    open.push(() => stream.respond([":status", "204"], Buffer.alloc(0), undefined));
    return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
  });
  await using session = await openClient(serving.port);
  await session.ping();
  // 2400 resets: more than twice the burst, a seventh of all calls.
  for (let round = 0; round < 24; round += 1) {
    const calls = Array.from({ length: 700 }, () => call(session));
    await session.ping();
    for (const { stream } of calls.slice(0, 100)) stream.reset(errorCodes.cancel);
    for (const answer of open.splice(0)) answer();
    const ends = await Promise.all(calls.map(({ ears }) => ears.ended));
    expect(ends.filter((how) => how === "end")).toHaveLength(600);
  }
  await expect.poll(() => serving.sessions[0]?.counters.resetsReceived).toBe(2400);
});
