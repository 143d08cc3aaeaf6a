import { afterEach, expect, test } from "vitest";
import { serverTransport } from "../../transport/index.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";

afterEach(stopMedia);

test("HttpBody as the whole request takes any Content-Type and its bytes as they are", async () => {
  const { origin } = await serveMedia();
  const data = Uint8Array.of(0, 255, 128, 10);
  const headers = { "content-type": "Application/X-Thing; v=1" };
  const reply = await fetch(`${origin}/v1/blobs`, { method: "POST", headers, body: data });
  expect(await reply.json()).toMatchObject({ bytes: "4", contentType: "Application/X-Thing; v=1" });
});

test("HttpBody takes a body of the type of a codec as it is", async () => {
  const { origin } = await serveMedia();
  const headers = { "content-type": "application/json" };
  const reply = await fetch(`${origin}/v1/blobs`, { method: "POST", headers, body: "{broken" });
  expect(await reply.json()).toMatchObject({ bytes: "7", contentType: "application/json" });
});

test("HttpBody as a field of the request goes with its path, and comes back with its own type", async () => {
  const { origin } = await serveMedia({
    async putNamed({ name, content }) {
      return httpBody(
        content?.contentType ?? "",
        `${name}:${Buffer.from(content?.data ?? []).toString()}`,
      );
    },
  });
  const headers = { "content-type": "image/png" };
  const reply = await fetch(`${origin}/v1/blobs/a%20b?album=x`, {
    method: "PUT",
    headers,
    body: "PNG",
  });
  expect(reply.headers.get("content-type")).toBe("image/png");
  expect(await reply.text()).toBe("a b:PNG");
});

test("HttpBody without a type is answered as application/octet-stream", async () => {
  const { origin } = await serveMedia({ getNamed: async () => ({ content: httpBody("", "x") }) });
  const reply = await fetch(`${origin}/v1/blobs/a`, { headers: { accept: "application/json" } });
  expect(reply.headers.get("content-type")).toBe("application/octet-stream");
  expect(await reply.text()).toBe("x");
});

test("HttpBody that the handler did not set is an empty reply", async () => {
  const { origin } = await serveMedia({ getNamed: async () => ({}) });
  const reply = await fetch(`${origin}/v1/blobs/a`);
  expect([reply.status, await reply.text()]).toEqual([200, ""]);
});

test("HttpBody with a type that is no header value is a 500, not a split answer", async () => {
  const { origin } = await serveMedia({
    getNamed: async () => ({ content: httpBody("a/b\r\nX-Evil: 1", "x") }),
  });
  const reply = await fetch(`${origin}/v1/blobs/a`);
  expect(reply.status).toBe(500);
  expect(reply.headers.has("x-evil")).toBe(false);
  expect(await reply.json()).toMatchObject({ reason: "CODEC" });
});

test("HttpBody replies honour ranges and conditions where the handler gives an ETag", async () => {
  const { origin } = await serveMedia({
    async getNamed(_, ctx) {
      serverTransport(ctx)?.replyHeader.set("ETag", '"v1"');
      return { content: httpBody("text/plain", "0123456789") };
    },
  });
  const get = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${origin}/v1/blobs/a`, { headers });
  const part = await get({ range: "bytes=2-4" });
  expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
    206,
    "bytes 2-4/10",
    "234",
  ]);
  expect((await get({ "if-none-match": '"v1"' })).status).toBe(304);
  const beyond = await get({ range: "bytes=10-" });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
});

test("HttpBody larger than maxBodyBytes is a 413", async () => {
  const { origin } = await serveMedia({}, { maxBodyBytes: 3 });
  const reply = await fetch(`${origin}/v1/blobs`, { method: "POST", body: "four" });
  expect(reply.status).toBe(413);
});
