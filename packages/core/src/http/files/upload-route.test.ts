import { once } from "node:events";
import { request as sendRequest } from "node:http";
import { afterEach, expect, test } from "vitest";
import { isClientClosed, type KratosError } from "../../errors/index.ts";
import { deferred, dial, speak } from "../testdata/serve.ts";
import { serveMedia, stopMedia } from "./testdata/media-service.ts";

afterEach(stopMedia);

const megabyte = 1024 * 1024;

test("UploadRoute streams a body of any type to the handler", async () => {
  const { origin } = await serveMedia();
  const headers = { "content-type": "video/mp4" };
  const body = Buffer.alloc(300_000, 7);
  const reply = await fetch(`${origin}/v1/uploads`, { method: "POST", headers, body });
  expect(await reply.json()).toEqual({
    bytes: "300000",
    contentType: "video/mp4",
    files: [":undefined:video/mp4"],
  });
});

test("UploadRoute takes the name of a file from the Content-Disposition of the request", async () => {
  const { origin } = await serveMedia();
  const headers = {
    "content-disposition": 'attachment; filename="../v.mp4"',
    "content-type": "a/b",
  };
  const reply = await fetch(`${origin}/v1/uploads`, { method: "POST", headers, body: "x" });
  expect(await reply.json()).toMatchObject({ files: [":v.mp4:a/b"] });
});

test("UploadRoute leaves out a file that was not chosen, but not an empty one", async () => {
  const { origin } = await serveMedia();
  const part = (name: string, filename: string): string =>
    `--BB\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n\r\n`;
  const body = `${part("none", "")}${part("empty", "e")}--BB--\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=BB" };
  const reply = await fetch(`${origin}/v1/uploads/n`, { method: "POST", headers, body });
  expect(await reply.json()).toMatchObject({ bytes: "0", files: ["n//0:empty:e"] });
});

test("UploadRoute is also at the RPC path where the whole request is an HttpBody", async () => {
  const { origin } = await serveMedia();
  const headers = { "content-type": "video/mp4" };
  const reply = await fetch(`${origin}/media.v1.Media/Upload`, {
    method: "POST",
    headers,
    body: "x",
  });
  expect(await reply.json()).toMatchObject({ bytes: "1" });
});

test("UploadRoute gives an empty body one message", async () => {
  const { origin } = await serveMedia();
  const reply = await fetch(`${origin}/v1/uploads/n?album=x`, { method: "POST" });
  expect(await reply.json()).toMatchObject({ bytes: "0", files: ["n/x/0::undefined"] });
});

test("UploadRoute gives every message of a field the query and the path", async () => {
  const { origin } = await serveMedia({}, { maxBodyBytes: 2 });
  const reply = await fetch(`${origin}/v1/uploads/n%2F1?album=x`, { method: "POST", body: "abc" });
  expect(await reply.json()).toMatchObject({
    bytes: "3",
    files: ["n/1/x/0::undefined", "n/1/x/0::undefined"],
  });
});

test("UploadRoute streams the files of multipart/form-data one after the other", async () => {
  const { origin } = await serveMedia();
  const body = new FormData();
  body.append("title", "ignored where there is no field");
  body.append("one", new Blob(["x".repeat(200_000)], { type: "image/png" }), "1.png");
  body.append("two", new Blob([""], { type: "image/gif" }), "2.gif");
  const reply = await fetch(`${origin}/v1/uploads`, { method: "POST", body });
  expect(await reply.json()).toEqual({
    bytes: "200000",
    contentType: "image/gif",
    files: ["one:1.png:image/png", "two:2.gif:image/gif"],
  });
});

test("UploadRoute fills fields from the texts that come before a file", async () => {
  const { origin } = await serveMedia();
  const body = new FormData();
  body.append("one", new Blob(["1"]), "1.txt");
  body.append("album", "late");
  body.append("two", new Blob(["2"]), "2.txt");
  const reply = await fetch(`${origin}/v1/uploads/n`, { method: "POST", body });
  expect(await reply.json()).toMatchObject({ files: ["n//0:one:1.txt", "n/late/1:two:2.txt"] });
});

test("UploadRoute takes the body no faster than the handler", async () => {
  const go = deferred<void>();
  const { host } = await serveMedia({
    async upload(bodies) {
      let bytes = 0;
      for await (const { data } of bodies) {
        await go.promise;
        bytes += data.length;
      }
      return { bytes: BigInt(bytes) };
    },
  });
  const size = 64 * megabyte;
  const [hostname, port] = host.split(":");
  const request = sendRequest({ hostname, port, method: "POST", path: "/v1/uploads" });
  request.setHeader("content-length", size);
  const chunk = Buffer.alloc(megabyte);
  let sent = 0;
  // The kernel's buffers hold a few megabytes; after that the socket stays full.
  while (sent < size && request.write(chunk)) sent += chunk.length;
  expect(request.writableNeedDrain).toBe(true);
  expect(sent).toBeLessThan(size);
  go.resolve();
  for (sent += chunk.length; sent < size; sent += chunk.length) {
    if (!request.write(chunk)) await once(request, "drain");
  }
  const answered = once(request, "response");
  request.end();
  const [response] = await answered;
  const text: Buffer[] = [];
  for await (const piece of response) text.push(piece);
  expect(JSON.parse(Buffer.concat(text).toString())).toMatchObject({ bytes: String(size) });
});

test("UploadRoute ends the messages with a 499 and cancels the context when the peer leaves", async () => {
  const failed = deferred<KratosError>();
  const canceled = deferred<boolean>();
  const begun = deferred<void>();
  const { host } = await serveMedia({
    async upload(bodies, ctx) {
      ctx.signal.addEventListener("abort", () => canceled.resolve(true));
      try {
        for await (const _ of bodies) begun.resolve();
      } catch (error) {
        failed.resolve(error as KratosError); // what the stream throws
        throw error;
      }
      return {};
    },
  });
  const socket = dial(host);
  socket.write("POST /v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  await begun.promise;
  socket.destroy();
  expect(isClientClosed(await failed.promise)).toBe(true);
  expect(await canceled.promise).toBe(true);
});

test("UploadRoute ends the messages with a 499 in the middle of a file of multipart/form-data", async () => {
  const failed = deferred<unknown>();
  const begun = deferred<void>();
  const { host } = await serveMedia({
    async upload(bodies) {
      try {
        for await (const _ of bodies) begun.resolve();
      } catch (error) {
        failed.resolve(error);
      }
      return {};
    },
  });
  const socket = dial(host);
  socket.write("POST /v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n");
  socket.write("Content-Type: multipart/form-data; boundary=B\r\n\r\n--B\r\n");
  socket.write('Content-Disposition: form-data; name="f"; filename="f"\r\n\r\nabcdefghijkl');
  await begun.promise;
  socket.destroy();
  expect(isClientClosed(await failed.promise)).toBe(true);
});

test("UploadRoute answers what the handler returns before the body ends, and keeps the connection", async () => {
  const { host } = await serveMedia({
    async upload(bodies) {
      for await (const { data } of bodies) return { bytes: BigInt(data.length) };
      return {};
    },
  });
  const body = "x".repeat(500_000);
  const upload = `POST /v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const next = "GET /v1/blobs/after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const said = await speak(host, upload + next);
  expect(said).toContain("blob after");
});

test("UploadRoute answers a body over maxUploadBytes with a 413, announced or not", async () => {
  const { origin, host } = await serveMedia({}, { maxUploadBytes: 10 });
  const reply = await fetch(`${origin}/v1/uploads`, { method: "POST", body: "x".repeat(11) });
  expect([reply.status, await reply.json()]).toMatchObject([413, { reason: "BODY_TOO_LARGE" }]);
  const head =
    "POST /v1/uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked";
  const said = await speak(host, `${head}\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n`);
  expect(said).toContain("413");
});

test("UploadRoute answers errors of the handler and of multipart bodies", async () => {
  const { origin } = await serveMedia();
  const headers = { "content-type": "multipart/form-data; boundary=B" };
  const reply = await fetch(`${origin}/v1/uploads`, { method: "POST", headers, body: "--B\r\n" });
  expect([reply.status, await reply.json()]).toMatchObject([400, { reason: "MULTIPART" }]);
});

test("UploadRoute refuses a body in a content coding, which would be taken for the file", async () => {
  const { origin } = await serveMedia();
  const headers = { "content-encoding": "gzip" };
  const reply = await fetch(`${origin}/v1/uploads`, { method: "POST", headers, body: "x" });
  expect([reply.status, await reply.json()]).toMatchObject([415, { reason: "CONTENT_ENCODING" }]);
});

test("HttpServer refuses limits of uploads that are none", async () => {
  await expect(serveMedia({}, { maxUploadBytes: 0 })).rejects.toThrow(
    "Cannot limit uploads as maxUploadBytes must be above 0: current value is 0",
  );
});
