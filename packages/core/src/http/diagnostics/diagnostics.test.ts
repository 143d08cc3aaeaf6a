import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import {
  type DiagnosticsOptions,
  type Filter,
  HttpServer,
  type HttpServerOptions,
} from "../index.ts";
import { ask, open, type RawReply, wires } from "../testdata/both-wires.ts";
import { closeH2 } from "../testdata/h2-client.ts";
import { libraryServer, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const json = ({ body }: RawReply): unknown => JSON.parse(String(body));
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

describe.each(wires)("HttpServer with diagnostics over %s", (wire) => {
  const get = async (
    path: string,
    options: HttpServerOptions = { diagnostics: true },
    headers: Record<string, string> = {},
  ): Promise<RawReply> => {
    const { origin } = await serve(options);
    return ask(wire, origin, { path, headers });
  };

  test("tells how the process and the server are", async () => {
    const { origin } = await serve({ diagnostics: true });
    await ask(wire, origin, { path: "/debug/vars" });
    const reply = await ask(wire, origin, { path: "/debug/vars" });
    expect([reply.status, reply.headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(json(reply)).toMatchObject({
      pid: process.pid,
      versions: { node: process.versions.node },
      memory: { heapUsedBytes: expect.any(Number) },
      eventLoop: { utilizationRatio: expect.any(Number) },
      server: { connections: expect.any(Number), liveCalls: 1, draining: false },
    });
    expect(String(reply.body)).not.toContain(process.env["PATH"]);
  });

  test("lists the routes", async () => {
    expect(json(await get("/debug/routes"))).toContainEqual({
      method: "GET",
      path: "/v1/books/{id}",
    });
  });

  test("profiles the process for a time, one profile at a time", async () => {
    const { origin } = await serve({ diagnostics: true });
    const path = "/debug/pprof/profile?seconds=0.2";
    const [one, two] = await Promise.all([
      ask(wire, origin, { path }),
      ask(wire, origin, { path }),
    ]);
    const [profile, refused] = one.status === 200 ? [one, two] : [two, one];
    expect(json(profile)).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
    expect(profile.headers["content-disposition"]).toBe('attachment; filename="cpu.cpuprofile"');
    expect([refused.status, json(refused)]).toMatchObject([409, { reason: "DIAGNOSTICS_BUSY" }]);
    expect((await ask(wire, origin, { path })).status).toBe(200);
  });

  test.each(["seconds=0", "seconds=-1", "seconds=x", "seconds=", "seconds=NaN"])(
    "answers 400 to a profile of %s",
    async (query) => {
      expect((await get(`/debug/pprof/profile?${query}`)).status).toBe(400);
    },
  );

  test("streams a snapshot of the heap", { timeout: 30_000 }, async () => {
    const { origin } = await serve({ diagnostics: true });
    const { status, stream } = await open(wire, origin, { path: "/debug/pprof/heap" });
    let [size, start] = [0, ""];
    for await (const chunk of stream) {
      if (start === "") start = String(chunk).slice(0, 12);
      size += (chunk as Buffer).length; // no encoding is set: chunks are Buffers
    }
    expect([status, start, size > 1_000_000]).toEqual([200, '{"snapshot":', true]);
  });

  test("has no other pages, and answers nothing but GET", async () => {
    for (const path of ["/debug/", "/debug/env", "/debug/pprof/", "/debug"]) {
      expect((await get(path)).status).toBe(404);
    }
    const { origin } = await serve({ diagnostics: true });
    const reply = await ask(wire, origin, { path: "/debug/vars", method: "POST" });
    expect([reply.status, reply.headers["allow"]]).toEqual([405, "GET"]);
  });

  test.each<[string, HttpServerOptions, Record<string, string>]>([
    ["unless it is told to", {}, {}],
    ["to other networks", { diagnostics: { allow: ["10.0.0.0/8"] } }, {}],
    [
      "to clients of a proxy that is trusted",
      { trustedProxies: ["loopback"] },
      { "x-forwarded-for": "1.2.3.4" },
    ],
    ["to clients of a proxy that is not", {}, { "x-forwarded-for": "127.0.0.1" }],
    ["to clients of a proxy that says so", {}, { via: "1.1 proxy" }],
    ["to pages of other sites", {}, { "sec-fetch-site": "cross-site" }],
    ["under names of others", {}, { host: "rebound.example" }],
  ])("shows nothing %s", async (name, options, headers) => {
    const diagnostics = name === "unless it is told to" ? false : (options.diagnostics ?? true);
    const own = wire === "HTTP/2" && headers["host"] ? { ":authority": headers["host"] } : headers;
    for (const page of ["vars", "routes", "pprof/profile?seconds=60", "pprof/heap"]) {
      const reply = await get(`/debug/${page}`, { ...options, diagnostics }, own);
      expect([reply.status, json(reply)]).toMatchObject([404, { reason: "NOT_FOUND" }]);
    }
  });

  // skip: a machine that has no address but its own loopback has no such peer
  test.skipIf(outside === undefined)(
    "shows nothing to peers that are not on this machine",
    async () => {
      const { server } = await serve({ diagnostics: true, address: "0.0.0.0:0" });
      const { port } = await server.endpoint();
      for (const [host, status] of [
        [outside, 404],
        ["127.0.0.1", 200],
      ] as const) {
        const reply = await ask(wire, `http://${host}:${port}`, { path: "/debug/vars" });
        expect([host, reply.status]).toEqual([host, status]);
      }
    },
  );

  test("can be elsewhere and for others, behind filters that ask who", async () => {
    const guard: Filter = (next) => (exchange, ctx) =>
      exchange.requestHeader.get("authorization") === "yes"
        ? next(exchange, ctx)
        : exchange.reply({ status: 401 });
    const diagnostics: DiagnosticsOptions = { prefix: "/ops/self", allow: "everybody" };
    const { origin } = await serve({ diagnostics, filters: [guard], pathPrefix: "/api" });
    const path = "/ops/self/vars";
    const headers = { authorization: "yes", "x-forwarded-for": "1.2.3.4" };
    expect((await ask(wire, origin, { path })).status).toBe(401);
    expect((await ask(wire, origin, { path, headers })).status).toBe(200);
  });
});

test("HttpServer ends a CPU profile whose asker has left", async () => {
  let seen = { begin: (): void => {}, end: (): void => {} };
  const begun = new Promise<void>((begin) => (seen = { ...seen, begin }));
  const ended = new Promise<void>((end) => (seen = { ...seen, end }));
  const watch: Filter = (next) => async (exchange, ctx) => {
    const served = next(exchange, ctx);
    seen.begin();
    await served;
    seen.end();
  };
  const { origin } = await serve({ diagnostics: true, filters: [watch] });
  const abort = new AbortController();
  const { signal } = abort;
  const asked = fetch(`${origin}/debug/pprof/profile?seconds=60`, { signal });
  await begun;
  abort.abort();
  await expect(asked).rejects.toThrow("aborted");
  await ended;
});

test("HttpServer answers who may not see diagnostics as its notFound does", async () => {
  const notFound = libraryServer({
    diagnostics: true,
    notFound: (exchange) => exchange.reply({ status: 404, body: "mine" }),
  });
  expect((await notFound.inject({ path: "/debug/vars" })).text()).toBe("mine");
});

test.each<[string, DiagnosticsOptions]>([
  ["a prefix that is no path", { prefix: "debug" }],
  ["a prefix of everything", { prefix: "/" }],
  ["an address that is none", { allow: ["here"] }],
])("HttpServer refuses diagnostics with %s when it is made", (_, diagnostics) => {
  expect(() => new HttpServer({ diagnostics })).toThrow(/^Cannot .* as .*: current value is /);
});
