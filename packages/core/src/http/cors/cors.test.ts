import { afterEach, expect, test } from "vitest";
import { cors, type CorsOptions, type InjectedReply } from "../index.ts";
import { stopTalkServers, talkServer } from "../testdata/talk-service.ts";

afterEach(stopTalkServers);

const page = "https://app.example.com";
const path = "/talk.v1.Talk/Say";

function preflight(
  options: CorsOptions,
  headers: Record<string, string> = {},
): Promise<InjectedReply> {
  const asked = { origin: page, "access-control-request-method": "POST", ...headers };
  return talkServer({ filters: [cors(options)] }).inject({
    method: "OPTIONS",
    path,
    headers: asked,
  });
}

function request(
  options: CorsOptions,
  headers: Record<string, string> = {},
): Promise<InjectedReply> {
  return talkServer({ filters: [cors(options)] }).inject({
    method: "POST",
    path,
    headers: { origin: page, ...headers },
    body: { text: "a" },
  });
}

const allowOrigin = ({ headers }: InjectedReply): string | undefined =>
  headers["access-control-allow-origin"];

test("cors answers a preflight with all that Connect and gRPC-Web send", async () => {
  const reply = await preflight({ origins: [page] });
  expect([reply.status, allowOrigin(reply)]).toEqual([204, page]);
  const { headers } = reply;
  expect(headers["access-control-allow-methods"]).toContain("POST");
  const names = headers["access-control-allow-headers"]?.toLowerCase().split(", ");
  expect(names).toEqual(
    expect.arrayContaining([
      "content-type",
      "connect-protocol-version",
      "connect-timeout-ms",
      "x-grpc-web",
      "grpc-timeout",
    ]),
  );
  expect(headers["access-control-max-age"]).toBe("7200");
  expect(headers["vary"]).toContain("Origin");
  expect(headers["access-control-allow-credentials"]).toBeUndefined();
  expect(headers["access-control-allow-private-network"]).toBeUndefined();
});

test("cors lets pages read the headers that gRPC-Web ends with", async () => {
  const reply = await request({ origins: [page] });
  expect(reply.json()).toMatchObject({ text: "a" });
  const exposed = reply.headers["access-control-expose-headers"]?.toLowerCase().split(", ");
  expect(exposed).toEqual(
    expect.arrayContaining(["grpc-status", "grpc-message", "grpc-status-details-bin"]),
  );
});

test("cors marks errors and paths without a route as well", async () => {
  const server = talkServer({ filters: [cors({ origins: "*" })] });
  const reply = await server.inject({ path: "/nowhere", headers: { origin: page } });
  expect([reply.status, allowOrigin(reply)]).toEqual([404, "*"]);
});

test("cors answers an origin that is not allowed without a mark", async () => {
  const options = { origins: [page] };
  const other = { origin: "https://app.example.com.evil.test" };
  const reply = await request(options, other);
  expect([reply.status, allowOrigin(reply), reply.headers["vary"]]).toEqual([
    200,
    undefined,
    "Origin",
  ]);
  const asked = await preflight(options, other);
  expect([asked.status, allowOrigin(asked)]).toEqual([204, undefined]);
  expect(asked.headers["access-control-allow-methods"]).toBeUndefined();
});

test("cors tells caches that answers differ by origin, even one without", async () => {
  const server = talkServer({ filters: [cors({ origins: [page] })] });
  const reply = await server.inject({ path: "/nowhere" });
  expect([allowOrigin(reply), reply.headers["vary"]]).toEqual([undefined, "Origin"]);
});

test("cors keeps the Vary of a route beside its own", async () => {
  const server = talkServer({ filters: [cors({ origins: [page] })] });
  const get = "/talk.v1.Talk/Recall?connect=v1&encoding=json&message=%7B%7D";
  const reply = await server.inject({ path: get, headers: { origin: page } });
  expect(reply.headers["vary"]?.split(", ").toSorted()).toEqual(["Accept-Encoding", "Origin"]);
});

test("cors with credentials names the origin and never everybody", async () => {
  const reply = await request({ origins: () => true, credentials: true });
  expect(allowOrigin(reply)).toBe(page);
  expect(reply.headers["access-control-allow-credentials"]).toBe("true");
});

test("cors asks a function for each origin", async () => {
  const options = { origins: (origin: string) => origin.endsWith(".example.com") };
  expect(allowOrigin(await request(options))).toBe(page);
  expect(allowOrigin(await request(options, { origin: "https://example.org" }))).toBeUndefined();
});

test("cors echoes the headers that are asked for where all are allowed", async () => {
  const ask = (names: string): Promise<InjectedReply> =>
    preflight({ origins: "*", headers: "*" }, { "access-control-request-headers": names });
  const allowHeaders = "access-control-allow-headers";
  expect((await ask("x-one,x-two")).headers[allowHeaders]).toBe("x-one,x-two");
  expect((await ask("x one<>")).headers[allowHeaders]).toBeUndefined();
});

test("cors leaves an OPTIONS that is no preflight to the routes", async () => {
  const server = talkServer({ filters: [cors({ origins: [page] })] });
  const reply = await server.inject({ method: "OPTIONS", path, headers: { origin: page } });
  expect(reply.status).toBe(405);
});

test.each<[string, CorsOptions]>([
  ["credentials for everybody", { origins: "*", credentials: true }],
  ["credentials for sandboxed pages", { origins: ["null"], credentials: true }],
  ["no origin", { origins: [] }],
  ["an origin with a path", { origins: ["https://app.example.com/"] }],
  ["an origin without a scheme", { origins: ["app.example.com"] }],
  ["a pattern as an origin", { origins: ["https://*.example.com"] }],
  ["a method that is none", { origins: "*", methods: ["GET POST"] }],
  ["a header that is none", { origins: "*", headers: ["a\r\nb"] }],
  ["all headers with credentials", { origins: [page], credentials: true, exposedHeaders: "*" }],
  ["a negative age", { origins: "*", maxAgeMs: -1 }],
])("cors refuses %s when it is made", (_, options) => {
  expect(() => cors(options)).toThrow(/^Cannot .* as .*: current value is /);
});
