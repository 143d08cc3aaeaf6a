import { afterEach, expect, test } from "vitest";
import { libraryServer, serve, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

test("mount() hands paths below the prefix to a node handler", async () => {
  const server = libraryServer();
  server.mount("/old", (request, response) => {
    response.writeHead(201, { "x-path": request.url });
    response.end("old");
  });
  const reply = await server.inject({ path: "/old/a?b=c" });
  expect([reply.status, reply.headers["x-path"], reply.text()]).toEqual([201, "/old/a?b=c", "old"]);
});

test("mount() answers 404 where an Express-like handler passes on, and its errors", async () => {
  const server = libraryServer();
  server.mount("/express", (request, _response, next) => {
    next(request.url === "/express/bad" ? new Error("bad") : undefined);
  });
  expect((await server.inject({ path: "/express/x" })).status).toBe(404);
  expect((await server.inject({ path: "/express/bad" })).json()).toMatchObject({ message: "bad" });
});

test("mount() hands requests to a fetch handler and streams its answer", async () => {
  const { server, origin } = await serve();
  server.mount("/fetch", {
    fetch: async (request) => {
      const body = `${request.method} ${new URL(request.url).pathname} ${await request.text()}`;
      return new Response(new Blob([body]).stream(), { status: 202, headers: { "x-a": "b" } });
    },
  });
  const reply = await fetch(`${origin}/fetch/x`, { method: "POST", body: "hello" });
  expect([reply.status, reply.headers.get("x-a"), await reply.text()]).toEqual([
    202,
    "b",
    "POST /fetch/x hello",
  ]);
});

test("mount() answers what a fetch handler throws as an error, and gives way to routes", async () => {
  const server = libraryServer();
  server.mount("/v1", (_request: Request) => {
    throw new Error("boom");
  });
  expect((await server.inject({ path: "/v1/other" })).status).toBe(500);
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(200);
});

test("handlePrefix() gives the longest prefix the path", async () => {
  const server = libraryServer();
  const answer = (text: string) => (exchange: Parameters<Parameters<typeof server.handle>[1]>[0]) =>
    exchange.reply({ status: 200, body: Buffer.from(text) });
  server.handlePrefix("/a", answer("short")).handlePrefix("/a/b", answer("long"));
  expect((await server.inject({ path: "/a/bc" })).text()).toBe("long");
  expect((await server.inject({ path: "/ab" })).text()).toBe("short");
});
