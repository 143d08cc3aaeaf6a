import { afterEach, expect, test } from "vitest";
import { serverMetadata } from "../../metadata/index.ts";
import { metadata } from "../../middleware/metadata/index.ts";
import { libraryServer, serve, speak, stopServers } from "../testdata/serve.ts";
import { serveMedia, stopMedia } from "../files/testdata/media-service.ts";

afterEach(async () => {
  await Promise.all([stopServers(), stopMedia()]);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  expect((Object.create({}) as Record<string, unknown>)["polluted"]).toBeUndefined();
});

const keys = [
  "__proto__",
  "__proto__.polluted",
  "__proto__[polluted]",
  "constructor.prototype.polluted",
  "constructor[prototype][polluted]",
  "labels.__proto__",
  "labels[__proto__]",
  "labels[__proto__][polluted]",
  "labels[constructor]",
  "sequel.__proto__.polluted",
  "sequel[__proto__][polluted]",
  "sequel.labels[__proto__]",
  "toString",
  "hasOwnProperty",
];

test.each(keys)("HttpServer is not polluted by the key %s of a query or a form", async (key) => {
  const server = libraryServer();
  const pair = `${encodeURIComponent(key)}=1`;
  const asked = await server.inject({
    method: "POST",
    path: `/v1/shelves/a/books?${pair}&${key}=1`,
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const form = await server.inject({
    method: "PUT",
    path: "/v1/books/1",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: pair,
  });
  for (const { status } of [asked, form]) expect([200, 400]).toContain(status);
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(200);
});

test.each([
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"sequel":{"__proto__":{"polluted":1}}}',
  '{"\\u005f_proto__":{"polluted":1}}',
  '{"labels":{"__proto__":"x","constructor":"y"}}',
  '{"labels":{"__proto__":{"polluted":1}}}',
])("HttpServer is not polluted by the JSON %s", async (body) => {
  const server = libraryServer();
  const headers = { "content-type": "application/json" };
  const reply = await server.inject({ method: "PUT", path: "/v1/books/1", headers, body });
  expect([200, 400]).toContain(reply.status);
});

test("HttpServer carries a map with the key __proto__ there and back", async () => {
  const reply = await libraryServer().inject({
    method: "PUT",
    path: "/v1/books/1",
    headers: { "content-type": "application/json" },
    body: '{"labels":{"__proto__":"x"}}',
  });
  expect(reply.text()).toContain('"labels":{"__proto__":"x"}');
});

test("HttpServer is not polluted by plain values of routes written by hand", async () => {
  const server = libraryServer();
  server.route("/").handle({ method: "POST", path: "/plain/{__proto__}" }, async (http) => {
    const value = (await http.bindValue()) as Record<string, unknown>;
    return {
      own: Object.keys(value),
      plain: value["polluted"] === undefined,
      vars: Object.keys(http.vars()),
      query: [...http.query().keys()],
    };
  });
  const reply = await server.inject({
    method: "POST",
    path: "/plain/x?__proto__[polluted]=1",
    headers: { "content-type": "application/json" },
    body: '{"__proto__":{"polluted":1},"a":1}',
  });
  expect(reply.status).toBe(200);
  expect(reply.json()).toMatchObject({ plain: true, vars: ["__proto__"] });
});

test.each([
  "__proto__",
  "constructor.prototype.polluted",
  "labels[__proto__]",
  "partner.__proto__.nick",
])("multipart/form-data is not polluted by a part named %s", async (name) => {
  const { origin } = await serveMedia();
  const body = new FormData();
  body.append(name, "1");
  body.append(name, new Blob(["x"], { type: "application/json" }), "__proto__");
  const reply = await fetch(`${origin}/v1/profiles`, { method: "POST", body });
  expect([200, 400]).toContain(reply.status);
});

test("metadata() keeps headers named like properties of every object apart", async () => {
  let seen: Record<string, readonly string[]> = {};
  const { host } = await serve(
    { middleware: [metadata()] },
    {
      async getBook(_request, ctx) {
        seen = serverMetadata(ctx)?.toJSON() ?? {};
        return {};
      },
    },
  );
  const lines = [
    "x-md-__proto__: a",
    "x-md-constructor: b",
    "__proto__: c",
    "x-md-global-__proto__: d",
  ];
  const said = await speak(
    host,
    `GET /v1/books/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join("\r\n")}\r\n\r\n`,
  );
  expect(said).toMatch(/^HTTP\/1\.1 200/);
  expect(Object.getPrototypeOf(seen)).toBe(Object.prototype);
  expect(seen["x-md-__proto__"]).toEqual(["a"]);
});
