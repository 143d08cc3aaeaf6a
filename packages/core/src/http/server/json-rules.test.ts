import { create } from "@bufbuild/protobuf";
import { afterEach, describe, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { HttpServer, type HttpServerOptions, type JsonOptions } from "../index.ts";
import { libraryService } from "../testdata/library-service.ts";
import { BookSchema, Kind, Library } from "../testdata/library_pb.js";
import { stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

const own = { getBook: () => ({ id: 1n, kind: Kind.NOVEL }) };

function serverOf(
  options: HttpServerOptions,
  rules: readonly (readonly [string, JsonOptions])[] = [],
): HttpServer {
  const server = new HttpServer({ logger: nopLogger, ...options });
  for (const [selector, json] of rules) server.json(selector, json);
  return server.register(Library, libraryService(own));
}

const get = async (server: HttpServer, accept = "application/json"): Promise<unknown> =>
  (await server.inject({ path: "/v1/books/1", headers: { accept } })).json();

describe("HttpServer.json()", () => {
  test("is as in Go where nothing is said: all fields, enums by name, JSON names", async () => {
    expect(await get(serverOf({}))).toMatchObject({
      id: "1",
      title: "",
      kind: "KIND_NOVEL",
      printedAt: null,
    });
  });

  test("says how all operations write JSON, under both of its names", async () => {
    const server = serverOf({ json: { emitDefaults: false, enumAsNumber: true } });
    for (const accept of ["application/json", "application/protojson"])
      expect(await get(server, accept)).toEqual({ id: "1", kind: 1 });
    const names = serverOf({ json: { protoNames: true } });
    expect(await get(names)).toHaveProperty("printed_at");
  });

  test("says how JSON is read", async () => {
    const post = (server: HttpServer) =>
      server.inject({ method: "PUT", path: "/v1/books/1", body: { nope: 1 } });
    expect((await post(serverOf({}))).status).toBe(200);
    expect((await post(serverOf({ json: { ignoreUnknown: false } }))).status).toBe(400);
  });

  test("says it for some operations: the exact selector, else the longest, over what holds for all", async () => {
    const options = { json: { enumAsNumber: true, emitDefaults: false } };
    const all: JsonOptions = { emitDefaults: true };
    const exact = "/library.v1.Library/GetBook";
    expect(await get(serverOf(options, [["*", all]]))).toMatchObject({ title: "", kind: 1 });
    const rules = [
      ["/library.v1.*", { enumAsNumber: false }],
      ["/library.*", all],
    ] as const;
    expect(await get(serverOf(options, rules))).toEqual({ id: "1", kind: "KIND_NOVEL" });
    const most = [...rules, [exact, { emitDefaults: false }]] as const;
    expect(await get(serverOf(options, most))).toEqual({ id: "1", kind: 1 });
    expect(await get(serverOf(options, [["/other.*", all]]))).toEqual({ id: "1", kind: 1 });
  });

  test("holds for the JSON of Connect too, and never for errors", async () => {
    const server = serverOf({ json: { emitDefaults: false } });
    const call = { method: "POST", path: "/library.v1.Library/GetBook", body: { id: "1" } };
    const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
    expect((await server.inject({ ...call, headers })).json()).toEqual({
      id: "1",
      kind: "KIND_NOVEL",
    });
    expect((await server.inject({ path: "/none" })).json()).toMatchObject({ metadata: {} });
  });

  test("holds for routes written by hand by their template", async () => {
    const server = new HttpServer({ logger: nopLogger }).json("/own/*", { emitDefaults: false });
    const book = create(BookSchema, { id: 1n });
    server.route("/own").GET("/{id}", (http) => http.result(200, book, { schema: BookSchema }));
    expect((await server.inject({ path: "/own/1" })).json()).toEqual({ id: "1" });
  });

  test("refuses what comes too late", () => {
    const server = serverOf({});
    expect(() => server.json("/library.v1.*", {})).toThrow(TypeError);
    expect(() => server.json("/library.v1.Library/Ping", {})).toThrow(
      'Cannot set the JSON of "/library.v1.Library/Ping" as its services must not be registered yet',
    );
    expect(server.json("/other.*", {})).toBe(server);
  });
});
