import { afterEach, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { type Content, HttpServer, sendContent } from "../index.ts";

const text = "0123456789";
const time = new Date("2024-05-06T07:08:09.500Z");

const servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(AbortSignal.abort())));
});

async function serve(own: Partial<Content> = {}): Promise<string> {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, timeoutMs: 0 });
  servers.push(server);
  const content: Content = {
    contentType: "text/plain",
    sizeBytes: text.length,
    etag: '"v1"',
    lastModified: time,
    async *read({ start, end }) {
      yield Buffer.from(text.slice(start, end));
    },
    ...own,
  };
  server.handle("/content", (exchange) => sendContent(exchange, content));
  await server.start();
  return `${(await server.endpoint()).origin}/content`;
}

async function answer(
  url: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<unknown> {
  const reply = await fetch(url, { headers, method });
  return [reply.status, await reply.text(), reply.headers.get("content-range")];
}

test.each([
  ["bytes=0-0", 206, "0", "bytes 0-0/10"],
  ["bytes=2-4", 206, "234", "bytes 2-4/10"],
  ["bytes=7-", 206, "789", "bytes 7-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=-100", 206, text, "bytes 0-9/10"],
  ["bytes=5-100", 206, "56789", "bytes 5-9/10"],
  ["BYTES= 5-5 ", 206, "5", "bytes 5-5/10"],
  ["bytes=0-1,3-4", 200, text, null],
  ["bytes=4-2", 200, text, null],
  ["bytes=-", 200, text, null],
  ["bytes=a-b", 200, text, null],
  ["lines=1-2", 200, text, null],
])("sendContent() answers the range %s with %i", async (range, status, body, contentRange) => {
  expect(await answer(await serve(), { range })).toEqual([status, body, contentRange]);
});

test.each(["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"])(
  "sendContent() answers the range %s beyond the end with 416",
  async (range) => {
    const [status, body, contentRange] = (await answer(await serve(), { range })) as [
      number,
      string,
      string,
    ];
    expect([status, contentRange]).toEqual([416, "bytes */10"]);
    expect(JSON.parse(body)).toMatchObject({ reason: "RANGE_NOT_SATISFIABLE" });
  },
);

test("sendContent() of nothing ignores ranges", async () => {
  const url = await serve({ sizeBytes: 0 });
  expect(await answer(url, { range: "bytes=0-" })).toEqual([200, "", null]);
});

test.each<[string, Record<string, string>, number]>([
  ["a matching If-None-Match", { "if-none-match": '"v1"' }, 304],
  ["a weak If-None-Match", { "if-none-match": '"v0", W/"v1"' }, 304],
  ["If-None-Match of all", { "if-none-match": "*" }, 304],
  ["another If-None-Match", { "if-none-match": '"v2"' }, 200],
  ["a matching If-Match", { "if-match": '"v1"' }, 200],
  ["a weak If-Match", { "if-match": 'W/"v1"' }, 412],
  ["another If-Match", { "if-match": '"v2"' }, 412],
  [
    "If-Modified-Since the same second",
    { "if-modified-since": "Mon, 06 May 2024 07:08:09 GMT" },
    304,
  ],
  ["If-Modified-Since before", { "if-modified-since": "Mon, 06 May 2024 07:08:08 GMT" }, 200],
  ["If-Modified-Since no date", { "if-modified-since": "yesterday" }, 200],
  ["If-Unmodified-Since before", { "if-unmodified-since": "Mon, 06 May 2024 07:08:08 GMT" }, 412],
  [
    "If-Unmodified-Since the same second",
    { "if-unmodified-since": "Mon, 06 May 2024 07:08:09 GMT" },
    200,
  ],
  [
    "If-None-Match before If-Modified-Since",
    { "if-none-match": '"v2"', "if-modified-since": "Mon, 06 May 2024 07:08:09 GMT" },
    200,
  ],
  ["a range of this state", { range: "bytes=1-1", "if-range": '"v1"' }, 206],
  ["a range of another state", { range: "bytes=1-1", "if-range": '"v0"' }, 200],
  ["a range of a weak state", { range: "bytes=1-1", "if-range": 'W/"v1"' }, 200],
  [
    "a range of this time",
    { range: "bytes=1-1", "if-range": "Mon, 06 May 2024 07:08:09 GMT" },
    206,
  ],
  [
    "a range of another time",
    { range: "bytes=1-1", "if-range": "Mon, 06 May 2024 07:08:10 GMT" },
    200,
  ],
])("sendContent() judges %s", async (_, headers, status) => {
  const reply = await fetch(await serve(), { headers });
  expect(reply.status).toBe(status);
  if (status === 304) {
    expect(await reply.text()).toBe("");
    expect(reply.headers.get("etag")).toBe('"v1"');
    expect(reply.headers.get("content-length")).toBeNull();
  }
});

test("sendContent() fails a method that writes with 412 where the state is known already", async () => {
  const [status] = (await answer(await serve(), { "if-none-match": "*" }, "PUT")) as [number];
  expect(status).toBe(412);
});

test("sendContent() answers HEAD as GET, without reading", async () => {
  const url = await serve({
    read: () => {
      throw new Error("read");
    },
  });
  const reply = await fetch(url, { method: "HEAD" });
  expect(Object.fromEntries(reply.headers)).toMatchObject({
    "content-length": "10",
    "content-type": "text/plain",
    "accept-ranges": "bytes",
    "last-modified": "Mon, 06 May 2024 07:08:09 GMT",
    etag: '"v1"',
  });
});

test("sendContent() never sends more than the size, and cuts what turns out to be shorter", async () => {
  const size = 200_000;
  async function* read(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(size + 5, "x");
  }
  const long = await fetch(await serve({ sizeBytes: size, read }));
  expect((await long.text()).length).toBe(size);
  const short = await fetch(await serve({ sizeBytes: size + 10, read }));
  await expect(short.text()).rejects.toThrow("terminated");
});
