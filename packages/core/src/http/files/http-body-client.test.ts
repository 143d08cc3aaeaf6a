import { afterEach, expect, test } from "vitest";
import { createClient } from "../../rpc/index.ts";
import { notFound } from "../../errors/index.ts";
import { HttpClient } from "../index.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";
import { Media } from "./testdata/media_pb.js";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await stopMedia();
});

async function connect(
  own: Parameters<typeof serveMedia>[0] = {},
): Promise<ReturnType<typeof createClient<typeof Media>>> {
  const { origin } = await serveMedia(own);
  const client = new HttpClient({ endpoint: origin, timeoutMs: 0 });
  clients.push(client);
  return createClient(Media, client);
}

test("HttpClient sends an HttpBody as its bytes, of its type", async () => {
  const media = await connect();
  const reply = await media.putBlob(httpBody("image/png", Uint8Array.of(0, 255)));
  expect(reply).toMatchObject({ bytes: 2n, contentType: "image/png" });
  expect(await media.putBlob(httpBody("", "x"))).toMatchObject({
    contentType: "application/octet-stream",
  });
});

test("HttpClient sends an HttpBody that is a field, and receives one", async () => {
  const media = await connect();
  const reply = await media.putNamed({ name: "a/b", content: httpBody("text/x", "hello") });
  expect([reply.contentType, Buffer.from(reply.data).toString()]).toEqual(["text/x", "hello"]);
  const held = await media.getNamed({ name: "n" });
  expect(Buffer.from(held.content?.data ?? []).toString()).toBe("blob n");
});

test("HttpClient receives a JSON document of an HttpBody as it is, and errors as errors", async () => {
  const media = await connect({
    getNamed: async ({ name }) => {
      if (name === "none") throw notFound("NO_BLOB", "none");
      return { content: httpBody("application/json", '{"a":1}') };
    },
  });
  const { content } = await media.getNamed({ name: "n" });
  expect(content).toMatchObject({ contentType: "application/json" });
  await expect(media.getNamed({ name: "none" })).rejects.toMatchObject({ reason: "NO_BLOB" });
});

test("HttpClient receives a download as a stream of HttpBody", async () => {
  const media = await connect();
  let text = "";
  for await (const { contentType, data } of media.download({ name: "abc" })) {
    expect(contentType).toBe("text/plain");
    text += Buffer.from(data).toString();
  }
  expect(text).toBe("first abc");
});

test("HttpClient fails a download that is cut", async () => {
  const media = await connect({
    async *download() {
      yield httpBody("text/plain", "half");
      throw notFound("GONE", "gone");
    },
  });
  const read = async (): Promise<void> => {
    for await (const _ of media.download({ name: "abc" }));
  };
  await expect(read()).rejects.toBeInstanceOf(Error);
});
