import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request as sendRequest } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { staticFolder } from "../index.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";

const megabyte = 1024 * 1024;
const size = 200 * megabyte;
const mostGrowth = 64 * megabyte;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "large-streams-"));
  writeFileSync(path.join(folder, "large.bin"), "");
  truncateSync(path.join(folder, "large.bin"), size);
});

afterEach(stopMedia);

afterAll(() => rmSync(folder, { recursive: true }));

const warmUp = 16 * megabyte;

/** Watches how far the memory of the process grows above what it is when buffers have been made once. */
class MemoryWatch {
  #start = 0;
  #most = 0;

  look(passed: number): void {
    const now = process.memoryUsage.rss();
    if (passed <= warmUp) this.#start = now;
    else this.#most = Math.max(this.#most, now - this.#start);
  }

  get growth(): number {
    return this.#most;
  }
}

/** Sends a body piece by piece, as fast as it is taken, and answers the reply's JSON. */
async function upload(
  url: string,
  body: { readonly type: string; readonly head?: string; readonly tail?: string },
): Promise<{ reply: unknown; growth: number }> {
  const { type, head = "", tail = "" } = body;
  const request = sendRequest(url, { method: "POST", headers: { "content-type": type } });
  const answered = once(request, "response") as Promise<[IncomingMessage]>; // what node emits
  const chunk = Buffer.alloc(256 * 1024, 1);
  const watch = new MemoryWatch();
  request.write(head);
  for (let sent = 0; sent < size; sent += chunk.length) {
    if (!request.write(chunk)) await once(request, "drain");
    watch.look(sent);
  }
  request.end(tail);
  const [response] = await answered;
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer); // no encoding is set
  return { reply: JSON.parse(Buffer.concat(pieces).toString()), growth: watch.growth };
}

async function download(url: string): Promise<{ bytes: number; growth: number }> {
  const request = sendRequest(url).end();
  const [response] = (await once(request, "response")) as [IncomingMessage]; // what node emits
  const watch = new MemoryWatch();
  let bytes = 0;
  for await (const piece of response) {
    bytes += (piece as Buffer).length; // no encoding is set
    watch.look(bytes);
  }
  return { bytes, growth: watch.growth };
}

test("UploadRoute takes 200 MiB in little memory", { timeout: 60_000 }, async () => {
  const { origin } = await serveMedia();
  const { reply, growth } = await upload(`${origin}/v1/uploads`, { type: "video/mp4" });
  expect(reply).toMatchObject({ bytes: String(size) });
  expect(growth).toBeLessThan(mostGrowth);
});

test(
  "UploadRoute takes a form's file of 200 MiB in little memory",
  { timeout: 60_000 },
  async () => {
    const { origin } = await serveMedia();
    const { reply, growth } = await upload(`${origin}/v1/uploads`, {
      type: "multipart/form-data; boundary=BB",
      head: '--BB\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n',
      tail: "\r\n--BB--\r\n",
    });
    expect(reply).toMatchObject({ bytes: String(size), files: ["f:f.bin:text/plain"] });
    expect(growth).toBeLessThan(mostGrowth);
  },
);

test("DownloadRoute sends 200 MiB in little memory", { timeout: 60_000 }, async () => {
  const { origin } = await serveMedia({
    async *download() {
      for (let sent = 0; sent < size; sent += megabyte) {
        yield httpBody("application/zip", Buffer.alloc(megabyte));
      }
    },
  });
  const { bytes, growth } = await download(`${origin}/v1/downloads/a`);
  expect(bytes).toBe(size);
  expect(growth).toBeLessThan(mostGrowth);
});

test("staticFolder() sends 200 MiB in little memory", { timeout: 60_000 }, async () => {
  const { server, origin } = await serveMedia();
  server.handlePrefix("/s/", staticFolder(folder));
  const { bytes, growth } = await download(`${origin}/s/large.bin`);
  expect(bytes).toBe(size);
  expect(growth).toBeLessThan(mostGrowth);
});
