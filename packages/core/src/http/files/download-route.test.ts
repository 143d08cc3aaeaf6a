import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { notFound } from "../../errors/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { contentDisposition } from "../index.ts";
import { deferred, dial } from "../testdata/serve.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";

afterEach(stopMedia);

test("DownloadRoute sends the messages as one body of the type of the first", async () => {
  const { origin } = await serveMedia();
  const reply = await fetch(`${origin}/v1/downloads/abc`);
  expect(reply.headers.get("content-type")).toBe("text/plain");
  expect(await reply.text()).toBe("first abc");
});

test("DownloadRoute sends a field of the replies", async () => {
  const { origin } = await serveMedia();
  expect(await (await fetch(`${origin}/v1/named/abc`)).text()).toBe("abc");
});

test("DownloadRoute without messages is an empty body", async () => {
  const { origin } = await serveMedia({ async *download() {} });
  const reply = await fetch(`${origin}/v1/downloads/abc`);
  expect(reply.headers.get("content-type")).toBe("application/octet-stream");
  expect([reply.status, await reply.text()]).toEqual([200, ""]);
});

test("DownloadRoute sends the headers the handler sets before its first message", async () => {
  const { origin } = await serveMedia({
    async *download(_, ctx) {
      const value = contentDisposition("attachment", "ä.txt");
      serverTransport(ctx)?.replyHeader.set("Content-Disposition", value);
      yield httpBody("text/plain", "x");
    },
  });
  const reply = await fetch(`${origin}/v1/downloads/abc`);
  expect(reply.headers.get("content-disposition")).toBe(
    "attachment; filename=\"?.txt\"; filename*=UTF-8''%C3%A4.txt",
  );
});

test("DownloadRoute answers HEAD with the first message's type, and ends the source", async () => {
  const ended = deferred<boolean>();
  const { origin } = await serveMedia({
    async *download() {
      try {
        for (;;) yield httpBody("image/png", "x");
      } finally {
        ended.resolve(true);
      }
    },
  });
  const reply = await fetch(`${origin}/v1/downloads/abc`, { method: "HEAD" });
  expect([reply.headers.get("content-type"), await reply.text()]).toEqual(["image/png", ""]);
  expect(await ended.promise).toBe(true);
});

test("DownloadRoute answers an error before the first message as any other", async () => {
  const { origin } = await serveMedia({
    async *download() {
      throw notFound("NO_FILE", "gone");
    },
  });
  const reply = await fetch(`${origin}/v1/downloads/abc`);
  expect([reply.status, await reply.json()]).toMatchObject([404, { reason: "NO_FILE" }]);
});

test("DownloadRoute cuts a download that fails later, so that it does not look whole", async () => {
  const { origin } = await serveMedia({
    async *download() {
      yield httpBody("text/plain", "half");
      throw notFound("NO_FILE", "gone");
    },
  });
  const reply = await fetch(`${origin}/v1/downloads/abc`);
  await expect(reply.text()).rejects.toThrow("terminated");
});

test("DownloadRoute asks for messages no faster than the peer reads", async () => {
  let given = 0;
  const { host, origin } = await serveMedia({
    async *download() {
      for (; given < 500; given += 1) yield httpBody("text/plain", Buffer.alloc(1024 * 1024));
    },
  });
  const socket = dial(host);
  socket.write("GET /v1/downloads/a HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(socket, "data");
  socket.pause();
  // Turns enough to give all there is, for whoever does not wait.
  for (let turn = 0; turn < 50; turn += 1) await (await fetch(`${origin}/v1/blobs/a`)).text();
  expect(given).toBeLessThan(100);
  socket.destroy();
  await once(socket, "close");
});

test("DownloadRoute ends the source when the peer leaves, even while it waits", async () => {
  const ended = deferred<boolean>();
  const canceled = deferred<boolean>();
  const { host } = await serveMedia({
    async *download(_, ctx) {
      try {
        ctx.signal.addEventListener("abort", () => canceled.resolve(true));
        yield httpBody("text/plain", "x");
        await once(ctx.signal, "abort");
      } finally {
        ended.resolve(true);
      }
    },
  });
  const socket = dial(host);
  socket.write("GET /v1/downloads/a HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
  expect([await canceled.promise, await ended.promise]).toEqual([true, true]);
});
