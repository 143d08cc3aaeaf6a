import { afterEach, describe, expect, test } from "vitest";
import { create, toBinary } from "@bufbuild/protobuf";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import { xmlCodec } from "../../encoding/xml/index.ts";
import { BookSchema } from "../testdata/library_pb.js";
import { libraryServer, serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

async function put(body: string | Uint8Array, type: string): Promise<number> {
  const server = libraryServer();
  const path = "/v1/books/1";
  const reply = await server.inject({
    method: "PUT",
    path,
    headers: { "content-type": type },
    body,
  });
  expect((await server.inject({ path })).status).toBe(200);
  return reply.status;
}

const nested = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}{}${close.repeat(depth)}`;

/** Book.sequel in Book.sequel and so on, as protobuf. */
function nestedBooks(depth: number): Uint8Array {
  const lengths: number[] = [];
  let size = 0;
  for (let level = 0; level < depth; level += 1) {
    lengths.unshift(size);
    size += 1 + varint(size).length;
  }
  return Uint8Array.from(lengths.flatMap((length) => [0x4a, ...varint(length)]));
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

describe("HttpServer refuses what nests too deep", () => {
  test.each<[string, string, string | Uint8Array]>([
    ["JSON messages", "application/json", nested('{"sequel":', "}", 100_000)],
    ["JSON without ends", "application/json", '{"sequel":'.repeat(100_000)],
    ["arrays without ends", "application/json", "[".repeat(1_000_000)],
    ["a key of a form", "application/x-www-form-urlencoded", `${"sequel.".repeat(100_000)}title=x`],
    ["protobuf", "application/proto", nestedBooks(50_000)],
    ["groups of protobuf", "application/proto", new Uint8Array(1_000_000).fill(0x7b)],
    ["YAML", "application/yaml", "[".repeat(50_000)],
    [
      "YAML by lines",
      "application/yaml",
      Array.from({ length: 1000 }, (_, level) => `${" ".repeat(level)}sequel:`).join("\n"),
    ],
  ])("HttpServer refuses %s that nests too deep", async (_name, type, body) => {
    expect(await put(body, type)).toBe(400);
  });

  test("HttpServer passes over a field it does not know, however deep its value nests", async () => {
    const body = `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(await put(body, "application/json")).toBe(200);
  });

  test("HttpServer refuses YAML whose anchors would make billions of values", async () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 12; level += 1)
      lines.push(
        `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ")}]`,
      );
    lines.push("authors: *a11");
    expect(await put(lines.join("\n"), "application/yaml")).toBe(400);
  });
});

describe("HttpServer with XML", () => {
  const codecs = defaultCodecs().with(xmlCodec());
  const entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
  const laughs = Array.from(
    { length: 12 },
    (_, level) => `<!ENTITY x${level + 1} "${`&x${level};`.repeat(10)}">`,
  ).join("");

  test.each([
    ["elements that nest too deep", `${"<sequel>".repeat(50_000)}${"</sequel>".repeat(50_000)}`],
    ["elements without ends", "<sequel>".repeat(50_000)],
    ["an external entity", `${entity}<a><title>&x;</title></a>`],
    [
      "entities that make billions",
      `<!DOCTYPE a [<!ENTITY x0 "ha">${laughs}]><a><title>&x12;</title></a>`,
    ],
    ["an element named __proto__", "<a><__proto__><polluted>1</polluted></__proto__></a>"],
    ["an entity without end", `<a><title>${"&".repeat(100_000)}</title></a>`],
    ["a comment without end", `<a><!--${"-".repeat(100_000)}</a>`],
    [
      "very many attributes",
      `<a ${Array.from({ length: 20_000 }, (_, at) => `a${at}="1"`).join(" ")}/>`,
    ],
  ])("HttpServer refuses or passes over %s", async (_name, body) => {
    const server = libraryServer({ codecs });
    const headers = { "content-type": "application/xml" };
    const reply = await server.inject({ method: "PUT", path: "/v1/books/1", headers, body });
    expect([200, 400]).toContain(reply.status);
    expect(reply.text().length).toBeLessThan(150_000);
    expect(reply.text()).not.toContain("root:");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("HttpServer refuses numbers out of range", () => {
  const digits = "9".repeat(100_000);
  test.each([
    ["an id with 100000 digits", `{"id":${digits}}`],
    ["an id of text with 100000 digits", `{"id":"${digits}"}`],
    ["an id of 1e400", '{"id":1e400}'],
    ["an id of 1e999999999", '{"id":1e999999999}'],
    ["an id of text 1e999999999", '{"id":"1e999999999"}'],
    ["an id one too large", '{"id":"9223372036854775808"}'],
    ["an id with a fraction", '{"id":1.5}'],
    ["pages of 1e400", '{"pages":1e400}'],
    ["pages of 2147483648", '{"pages":2147483648}'],
    ["a kind of 1e10", '{"kind":1e10}'],
    ["a time in the year 10000", '{"printedAt":"10000-01-01T00:00:00Z"}'],
    ["a time with a million digits", `{"printedAt":"2020-01-01T00:00:00.${digits}Z"}`],
    ["a number without end", `{"id":${digits}`],
  ])("HttpServer refuses %s", async (_name, body) => {
    expect(await put(body, "application/json")).toBe(400);
  });

  test.each([
    "id=1e400",
    `id=${digits.slice(0, 5000)}`,
    "id=1e999999999",
    "pages=4294967296",
    "printedAt=99999-01-01T00:00:00Z",
    `kind=${digits.slice(0, 5000)}`,
  ])("HttpServer refuses the form %.40s", async (body) => {
    expect(await put(body, "application/x-www-form-urlencoded")).toBe(400);
  });

  test.each(["9".repeat(400), "1e400", "9223372036854775808", "-", "0x10", "١"])(
    "HttpServer refuses the id %.40s in a path",
    async (id) => {
      const reply = await libraryServer().inject({ path: `/v1/books/${encodeURIComponent(id)}` });
      expect(reply.status).toBe(400);
    },
  );

  test.each(["kratos-timeout", "grpc-timeout", "connect-timeout-ms", "x-kratos-timeout"])(
    "HttpServer survives a huge %s",
    async (name) => {
      for (const value of [
        "9".repeat(5000),
        "99999999H",
        "1e400",
        "-1",
        "NaN",
        "99999999999999s",
      ]) {
        const reply = await libraryServer().inject({
          path: "/v1/books/1",
          headers: { [name]: value },
        });
        expect(reply.status).toBeLessThan(500);
      }
    },
  );
});

describe("HttpServer refuses text that is no UTF-8", () => {
  const bad = "\xff\xfe\xc0\xaf\xed\xa0\x80";
  const escaped = "%ff%fe";

  test.each([
    ["a path", `GET /v1/shelves/${escaped}/books/1 HTTP/1.1`, 400],
    ["a query", `GET /v1/books/1?shelf=${escaped} HTTP/1.1`, 400],
    ["a key of a query", `GET /v1/books/1?${escaped}=1 HTTP/1.1`, 400],
    ["an escape that ends early", "GET /v1/shelves/%e/books/1 HTTP/1.1", 400],
    ["an overlong escape", "GET /v1/shelves/%c0%af/books/1 HTTP/1.1", 400],
    ["half a surrogate", "GET /v1/shelves/%ed%a0%80/books/1 HTTP/1.1", 400],
  ])("HttpServer refuses %s that is no UTF-8", async (_name, line, status) => {
    const { host } = await serve();
    const said = await speak(host, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(said.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  });

  test.each([
    ["JSON", "application/json", `{"title":"${bad}"}`],
    ["a key of JSON", "application/json", `{"${bad}":1}`],
    ["a form", "application/x-www-form-urlencoded", `title=${bad}`],
    ["YAML", "application/yaml", `title: ${bad}`],
    ["protobuf", "application/proto", `\x12\x07${bad}`],
  ])("HttpServer refuses %s that is no UTF-8", async (_name, type, body) => {
    expect(await put(Buffer.from(body, "latin1"), type)).toBe(400);
  });

  test("HttpServer passes raw bytes in a header and in a target without harm", async () => {
    const { host, origin } = await serve();
    const { port } = new URL(origin);
    const socket = `GET /v1/books/1?shelf=${bad} HTTP/1.1\r\nHost: x:${port}\r\nX-A: ${bad}\r\nConnection: close\r\n\r\n`;
    const said = await speak(host, socket);
    expect(said).toMatch(/^HTTP\/1\.1 (200|400)/);
  });

  test("HttpServer refuses JSON with half a surrogate, or sends it on as a replacement", async () => {
    const status = await put('{"title":"\\ud800"}', "application/json");
    expect([200, 400]).toContain(status);
  });

  test("HttpServer refuses protobuf that is cut or damaged at any byte", async () => {
    const whole = toBinary(
      BookSchema,
      create(BookSchema, { id: 1n, title: "abc", labels: { a: "b" }, sequel: { id: 2n } }),
    );
    for (let end = 0; end <= whole.length; end += 1) {
      expect([200, 400]).toContain(await put(whole.subarray(0, end), "application/proto"));
    }
  });
});

describe("HttpServer matches in linear time", () => {
  test.each([
    ["(?:a+)+", "a".repeat(4000)],
    ["(?:a|a)*", "a".repeat(4000)],
    ["(?:[a-z]+)*", "a".repeat(4000)],
    ["(?:.*a){20}", "a".repeat(4000)],
  ])("a route by hand with {id:%s} ends soon on what does not fit", async (expression, text) => {
    const { server, origin } = await serve();
    server.route("/").handle({ method: "GET", path: `/re/{id:${expression}}` }, () => "matched");
    const reply = await fetch(`${origin}/re/${text}!`, { signal: AbortSignal.timeout(5000) });
    expect([200, 404]).toContain(reply.status);
  });

  test.each([
    ["accept", `${"a/b;q=0.".repeat(1500)}x`],
    ["accept", `${",".repeat(12_000)}x`],
    ["content-type", `application/json;${" ".repeat(12_000)}x`],
    ["accept-encoding", `gzip;${" q = ".repeat(2500)}x`],
    ["cookie", `${"a=b; ".repeat(2500)}x`],
    ["if-none-match", `${'W/"'.repeat(4000)}x`],
    ["range", `bytes=${"0-0,".repeat(3000)}x`],
    ["authorization", `Bearer ${" ".repeat(12_000)}x`],
    ["x-forwarded-for", `${"1.1.1.1, ".repeat(1500)}x`],
    ["origin", `http://${"a.".repeat(6000)}x`],
  ])("a header %s made to be slow is read like any other", async (name, value) => {
    const server = libraryServer();
    const reply = await server.inject({ path: "/v1/books/1", headers: { [name]: value } });
    expect(reply.status).toBeLessThan(500);
  });
});
