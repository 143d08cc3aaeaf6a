import { afterEach, describe, expect, test } from "vitest";
import { forbidden } from "../../errors/index.ts";
import { createClient } from "../../rpc/index.ts";
import type { Filter, HttpClientOptions } from "../index.ts";
import { HttpClient } from "../index.ts";
import { deferred } from "../testdata/serve.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";
import { Media } from "./testdata/media_pb.js";

const megabyte = 1024 * 1024;
const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await stopMedia();
});

describe.each<[string, Pick<HttpClientOptions, "http">]>([
  ["HTTP/1.1", { http: "1.1" }],
  ["HTTP/2", { http: "2" }],
])("HttpClient uploads over %s", (_name, version) => {
  async function connect(...[own, options]: Parameters<typeof serveMedia>) {
    const { origin } = await serveMedia(own, options);
    const client = new HttpClient({ endpoint: origin, ...version });
    clients.push(client);
    return createClient(Media, client);
  }

  test("HttpClient sends a stream of HttpBody as the body of one request", async () => {
    const seen: string[] = [];
    const note: Filter = (next) => (exchange, ctx) => {
      const { method, target, httpVersion, requestHeader, upgrade } = exchange;
      const header = ["content-type", "content-disposition"].map((name) => requestHeader.get(name));
      seen.push(method, target, httpVersion, ...header, upgrade === undefined ? "body" : "upgrade");
      return next(exchange, ctx);
    };
    const media = await connect({}, { filters: [note] });
    const headers = { "content-disposition": 'attachment; filename="v.mp4"' };
    const pieces = [httpBody("video/mp4", "abc"), httpBody("", ""), httpBody("text/other", "de")];
    const reply = await media.upload(streamOf(pieces), { headers });
    expect(reply).toMatchObject({
      bytes: 5n,
      contentType: "video/mp4",
      files: [":v.mp4:video/mp4"],
    });
    const { "content-disposition": disposition } = headers;
    const type = "video/mp4";
    expect(seen).toEqual(["POST", "/v1/uploads", version.http, type, disposition, "body"]);
  });

  test("HttpClient sends path and query of the first message of an upload", async () => {
    const media = await connect();
    const reply = await media.uploadNamed(
      streamOf([
        { name: "a/b", album: "x", content: httpBody("a/b", "abc") },
        { name: "ignored", album: "ignored" },
      ]),
    );
    expect(reply).toMatchObject({ bytes: 3n, files: ["a/b/x/0::undefined"] });
    expect(await media.upload(streamOf([]))).toMatchObject({
      contentType: "application/octet-stream",
    });
    await expect(media.uploadNamed(streamOf([]))).rejects.toMatchObject({
      code: 400,
      reason: "CODEC",
    });
  });

  test("HttpClient takes from the source of an upload what the peer has room for", async () => {
    let received = 0;
    let furthest = 0;
    const media = await connect({
      async upload(bodies) {
        for await (const { data } of bodies) {
          received += data.length;
          await new Promise(setImmediate);
        }
        return { bytes: BigInt(received) };
      },
    });
    async function* source() {
      const piece = httpBody("a/b", new Uint8Array(256 * 1024));
      for (let sent = 0; sent < 64 * megabyte; sent += piece.data.length) {
        furthest = Math.max(furthest, sent - received);
        yield piece;
      }
    }
    expect(await media.upload(source())).toMatchObject({ bytes: BigInt(64 * megabyte) });
    expect(furthest).toBeLessThan(16 * megabyte);
  });

  test("HttpClient leaves the source of an upload that is answered before its end", async () => {
    const media = await connect({
      async upload() {
        throw forbidden("QUOTA", "no room");
      },
    });
    const left = deferred<void>();
    const source = endless(() => left.resolve());
    await expect(media.upload(source)).rejects.toMatchObject({ code: 403, reason: "QUOTA" });
    await left.promise;
  });

  test("HttpClient fails an upload whose source fails, and its peer sees that it is not whole", async () => {
    const failed = deferred<unknown>();
    const media = await connect({
      async upload(bodies) {
        try {
          for await (const _ of bodies);
        } catch (error) {
          failed.resolve(error);
        }
        return {};
      },
    });
    async function* source() {
      yield httpBody("a/b", "half");
      throw forbidden("SOURCE", "no more");
    }
    await expect(media.upload(source())).rejects.toMatchObject({ code: 403, reason: "SOURCE" });
    expect(await failed.promise).toMatchObject({ code: 499 });
  });

  test("HttpClient ends an upload with its signal, and leaves the source", async () => {
    const begun = deferred<void>();
    const media = await connect({
      async upload(bodies) {
        for await (const _ of bodies) begun.resolve();
        return {};
      },
    });
    const left = deferred<void>();
    const leave = new AbortController();
    const call = media.upload(
      endless(() => left.resolve()),
      { signal: leave.signal },
    );
    await begun.promise;
    leave.abort();
    await expect(call).rejects.toMatchObject({ code: 499 });
    await left.promise;
    const early = media.upload(
      endless(() => {}),
      { signal: leave.signal },
    );
    await expect(early).rejects.toMatchObject({ code: 499 });
  });

  test("HttpClient gives up an upload whose first message does not come", async () => {
    const media = await connect();
    const leave = new AbortController();
    const left = deferred<void>();
    const silent = {
      next: () => {
        leave.abort();
        return new Promise<never>(() => {});
      },
      return: async () => {
        left.resolve();
        return { done: true as const, value: undefined };
      },
      [Symbol.asyncIterator]: () => silent,
    };
    const call = media.upload(silent, { signal: leave.signal });
    await expect(call).rejects.toMatchObject({ code: 499 });
    await left.promise;
  });
});

async function* streamOf<T>(messages: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* messages;
}

/** Pieces until it is left: one, then silence that ends when nobody wants more. */
function endless(onLeft: () => void): AsyncIterableIterator<ReturnType<typeof httpBody>> {
  let first = true;
  let wake: (() => void) | undefined;
  const source: AsyncIterableIterator<ReturnType<typeof httpBody>> = {
    async next() {
      if (first) {
        first = false;
        return { done: false, value: httpBody("a/b", "x") };
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      return { done: true, value: undefined };
    },
    async return() {
      wake?.();
      onLeft();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => source,
  };
  return source;
}
