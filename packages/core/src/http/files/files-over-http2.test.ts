import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { isClientClosed } from "../../errors/index.ts";
import { staticFolder } from "../index.ts";
import { deferred } from "../testdata/serve.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";

const size = 4 * 1024 * 1024;
let folder = "";
const sessions: ClientHttp2Session[] = [];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "files-over-http2-"));
  writeFileSync(path.join(folder, "a.txt"), "x".repeat(size));
});

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await stopMedia();
});

afterAll(() => rmSync(folder, { recursive: true }));

async function open(own: Parameters<typeof serveMedia>[0] = {}): Promise<ClientHttp2Session> {
  const { server, origin } = await serveMedia(own);
  server.handlePrefix("/s/", staticFolder(folder));
  const session = connect(origin);
  sessions.push(session);
  return session;
}

async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: Buffer | string,
): Promise<{ headers: Record<string, unknown>; body: Buffer }> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [head] = (await once(stream, "response")) as [Record<string, unknown>]; // what node emits
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer); // no encoding is set
  return { headers: head, body: Buffer.concat(pieces) };
}

test("UploadRoute and DownloadRoute stream over HTTP/2", async () => {
  const session = await open({
    async *download() {
      for (let sent = 0; sent < size; sent += 65_536) yield httpBody("a/b", Buffer.alloc(65_536));
    },
  });
  const up = await ask(session, { ":method": "POST", ":path": "/v1/uploads" }, Buffer.alloc(size));
  expect(JSON.parse(up.body.toString())).toMatchObject({ bytes: String(size) });
  const down = await ask(session, { ":path": "/v1/downloads/a" });
  expect([down.headers["content-type"], down.body.length]).toEqual(["a/b", size]);
});

test("UploadRoute does not cancel the context of a call that was answered over HTTP/2", async () => {
  let signal = AbortSignal.abort();
  const session = await open({
    async upload(bodies, ctx) {
      signal = ctx.signal;
      for await (const _ of bodies);
      return {};
    },
    async *download(_, ctx) {
      signal = ctx.signal;
      yield httpBody("a/b", "x");
    },
  });
  await ask(session, { ":method": "POST", ":path": "/v1/uploads" }, "abc");
  expect(signal.aborted).toBe(false);
  await ask(session, { ":path": "/v1/downloads/a" });
  expect(signal.aborted).toBe(false);
});

test("UploadRoute ends the messages with a 499 when an HTTP/2 stream is reset", async () => {
  const failed = deferred<unknown>();
  const begun = deferred<void>();
  const session = await open({
    async upload(bodies) {
      try {
        for await (const _ of bodies) begun.resolve();
      } catch (error) {
        failed.resolve(error);
      }
      return {};
    },
  });
  const stream = session.request({ ":method": "POST", ":path": "/v1/uploads" });
  stream.on("error", () => {});
  stream.write("abc");
  await begun.promise;
  stream.destroy();
  expect(isClientClosed(await failed.promise)).toBe(true);
});

test("staticFolder() answers files, ranges, HEAD and conditions over HTTP/2", async () => {
  const session = await open();
  const whole = await ask(session, { ":path": "/s/a.txt" });
  expect(whole.headers).toMatchObject({ ":status": 200, "content-length": String(size) });
  expect(whole.body.length).toBe(size);
  const part = await ask(session, { ":path": "/s/a.txt", range: "bytes=0-2" });
  expect([part.headers[":status"], part.body.toString()]).toEqual([206, "xxx"]);
  const head = await ask(session, { ":path": "/s/a.txt", ":method": "HEAD" });
  expect(head.headers).toMatchObject({ ":status": 200, "content-length": String(size) });
  const etag = String(whole.headers["etag"]);
  const same = await ask(session, { ":path": "/s/a.txt", "if-none-match": etag });
  expect(same.headers[":status"]).toBe(304);
});
