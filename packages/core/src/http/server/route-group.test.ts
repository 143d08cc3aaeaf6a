import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { type Filter, HttpServer, httpTransport } from "../index.ts";
import { BookSchema, GetBookRequestSchema, ListRequestSchema } from "../testdata/library_pb.js";
import { libraryServer, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

interface Case {
  readonly name: string;
  readonly input: {
    readonly options?: { readonly strictSlash?: boolean; readonly pathPrefix?: string };
    readonly routes: readonly {
      readonly api: string;
      readonly prefix?: string;
      readonly method?: string;
      readonly path?: string;
      readonly key?: string;
      readonly value?: string;
    }[];
    readonly groups?: readonly string[];
    readonly request: {
      readonly method: string;
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
    };
  };
  readonly expected: {
    readonly status: number;
    readonly template?: string;
    readonly vars?: Record<string, string>;
    readonly routeIndex?: number;
    readonly location?: string;
  };
}

const { cases } = JSON.parse(
  readFileSync(new URL("../testdata/route-matching.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

/** What differs on purpose: the status instead, or nothing where the case has no place here. */
const differences: ReadonlyMap<string, number | undefined> = new Map([
  ["HEAD is not implied by GET", 200], // GET answers HEAD, as HTTP has it
  ["OPTIONS not implied", 405], // a method no route has is 405 with Allow, not 404
  ["strict slash also redirects POST with 301", 308], // a 301 makes clients repeat a POST as GET
  ["first registered route wins", undefined], // the more specific route wins, whatever came first
  ['v3 wildcard method "*": GET', 200], // the handler of the case answers nothing, which is an empty 200
  ['v3 wildcard method "*": POST', 200],
]);

function build({ options = {}, routes, groups }: Case["input"], seen: unknown[]): HttpServer {
  const server = new HttpServer({ logger: nopLogger, ...options });
  for (const [at, { api, prefix = "/", method = "", path = "", ...rest }] of routes.entries()) {
    const note = (ctx: Parameters<typeof httpTransport>[0], vars: unknown): void => {
      seen.push(at, httpTransport(ctx)?.pathTemplate, vars);
    };
    if (api === "Route") {
      const group =
        groups === undefined
          ? server.route(prefix)
          : groups.reduce((outer, each) => outer.group(each), server.route("/"));
      group.handle({ method, path }, (http) => note(http.context, { ...http.vars() }));
    } else if (api === "HandleHeader") {
      server.handleHeader({ name: rest.key ?? "", value: rest.value ?? "" }, (exchange, ctx) => {
        note(ctx, {});
        exchange.reply({ status: 200 });
      });
    } else {
      const add =
        api === "HandlePrefix" ? server.handlePrefix.bind(server) : server.handle.bind(server);
      add(path, (exchange, ctx) => {
        note(ctx, {});
        exchange.reply({ status: 200 });
      });
    }
  }
  return server;
}

describe("HttpServer routes", () => {
  test.each(
    cases.filter(({ name }) => !(differences.has(name) && differences.get(name) === undefined)),
  )("$name", async ({ name, input, expected }) => {
    const seen: unknown[] = [];
    const reply = await build(input, seen).inject(input.request);
    expect(reply.status).toBe(differences.get(name) ?? expected.status);
    if (expected.location !== undefined) expect(reply.headers["location"]).toBe(expected.location);
    if (expected.template === undefined) return;
    expect(seen[0]).toBe(expected.routeIndex ?? 0);
    expect(seen[1]).toBe(expected.template);
    // Raw handlers read the path themselves.
    if (input.routes[0]?.api === "Route") expect(seen[2]).toEqual(expected.vars);
  });

  test("RouteGroup drops a slash at the end of a path, and handle() keeps it", async () => {
    const server = new HttpServer({ logger: nopLogger });
    server
      .route("/v1/")
      .GET("/foo/", () => "foo")
      .GET("/", () => "root");
    server.handle("/raw/", (exchange) => exchange.reply({ status: 200 }));
    expect(server.routes().map(({ path }) => path)).toEqual(["/v1/foo", "/v1", "/raw/"]);
    const { status, headers } = await server.inject({ path: "/v1/foo/" });
    expect([status, headers["location"]]).toEqual([301, "/v1/foo"]);
  });

  test("the differences are cases of the file", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...differences.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});

test("route() answers with what the handler returns, in the codec of the Accept", async () => {
  const server = libraryServer();
  server.route("/v2").GET("/hello/{name}", (http) => ({ hello: http.vars()["name"] }));
  expect((await server.inject({ path: "/v2/hello/x" })).json()).toEqual({ hello: "x" });
  const yaml = await server.inject({
    path: "/v2/hello/x",
    headers: { accept: "application/yaml" },
  });
  expect(yaml.text()).toBe("hello: x\n");
});

test("route() answers what the handler throws as an error", async () => {
  const server = libraryServer();
  server.route("/v2").GET("/x", () => {
    throw new Error("boom");
  });
  expect((await server.inject({ path: "/v2/x" })).json()).toMatchObject({
    code: 500,
    message: "boom",
  });
});

test("route() runs global filters, the group's, the route's, the handler, and middleware only when asked", async () => {
  const order: string[] = [];
  const filter =
    (name: string): Filter =>
    (next) =>
    (exchange, ctx) => {
      order.push(`${name}${serverTransport(ctx) === undefined ? "" : " with transport"}`);
      return next(exchange, ctx);
    };
  const server = libraryServer({
    filters: [filter("G1"), filter("G2")],
    middleware: [
      (next) => (request, ctx) => {
        order.push("middleware");
        return next(request, ctx);
      },
    ],
  });
  const group = server.route("/v2", filter("A"));
  group.GET("/plain", () => void order.push("handler"), filter("R"));
  group.GET("/wrapped", (http) => http.middleware(async () => ({ ok: true }))({}, http.context));
  await server.inject({ path: "/v2/plain" });
  expect(order).toEqual(["G1", "G2", "A with transport", "R with transport", "handler"]);
  order.length = 0;
  expect((await server.inject({ path: "/v2/wrapped" })).json()).toEqual({ ok: true });
  expect(order).toEqual(["G1", "G2", "A with transport", "middleware"]);
});

test("HttpContext binds body, variables and query", async () => {
  const server = libraryServer();
  server.route("/v2").POST("/books/{id}", async (http) => {
    const book = await http.bind(BookSchema);
    const vars = http.bindVars(GetBookRequestSchema);
    const query = http.bindQuery(ListRequestSchema);
    http.json(201, { title: book.title, id: String(vars.id), size: query.pageSize });
  });
  const path = "/v2/books/7?page_size=2&unknown=x";
  const reply = await server.inject({ method: "POST", path, body: { title: "t" } });
  expect([reply.status, reply.json()]).toEqual([201, { title: "t", id: "7", size: 2 }]);
  const wrong = await server.inject({ method: "POST", path: "/v2/books/x", body: {} });
  expect([wrong.status, wrong.json()]).toMatchObject([400, { reason: "CODEC" }]);
});

test("HttpContext answers as its calls say", async () => {
  const server = libraryServer();
  const group = server.route("/v2");
  group.GET("/json", (http) => http.json(200, "success"));
  group.GET("/blob", (http) =>
    http.blob(200, { contentType: "blob", bytes: Buffer.from("success") }),
  );
  group.GET("/string", (http) => http.string(200, "success"));
  group.GET("/stream", (http) => http.stream(200, { contentType: "stream", chunks: chunks() }));
  group.GET("/result", (http) => http.result(201, { name: "bar" }));
  group.GET("/none", (http) => http.result(204, undefined));
  group.GET("/redirect", (http) => http.redirect(307, "/v2/json"));
  group.GET("/message", (http) =>
    http.result(200, { $typeName: BookSchema.typeName, ...emptyBook }, { schema: BookSchema }),
  );
  const answers = async (path: string): Promise<unknown[]> => {
    const { status, headers, text } = await server.inject({ path: `/v2/${path}` });
    return [status, headers["content-type"], text()];
  };
  expect(await answers("json")).toEqual([200, "application/json", '"success"\n']);
  expect(await answers("blob")).toEqual([200, "blob", "success"]);
  expect(await answers("string")).toEqual([200, "text/plain", "success"]);
  expect(await answers("stream")).toEqual([200, "stream", "success"]);
  expect(await answers("result")).toEqual([201, "application/json", '{"name":"bar"}']);
  // Go sends the status with the first byte of the body, so that this would be a 200 there.
  expect(await answers("none")).toEqual([204, undefined, ""]);
  expect((await server.inject({ path: "/v2/redirect" })).headers["location"]).toBe("/v2/json");
  expect((await answers("message"))[2]).toContain('"title":"t"');
});

const emptyBook = { id: 1n, title: "t", authors: [], labels: {}, kind: 0, cover: new Uint8Array() };

async function* chunks(): AsyncGenerator<string> {
  yield "succ";
  yield "ess";
}

test("HttpContext gives hand-written routes the operation of their template, and lets them rename it", async () => {
  const names: unknown[] = [];
  const server = libraryServer({ timeoutMs: 1000 });
  server.route("/v1").GET("/users/{name}", (http) => {
    names.push(serverTransport(http.context)?.operation);
    httpTransport(http.context)?.setOperation("kratos");
    names.push(serverTransport(http.context)?.operation);
    names.push(Math.round(((http.context.deadline ?? 0) - Date.now()) / 1000));
  });
  await server.inject({ path: "/v1/users/x" });
  expect(names).toEqual(["/v1/users/{name}", "kratos", 1]);
});
