import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { afterEach, describe, expect, test } from "vitest";
import { background } from "../../context/index.ts";
import { nopLogger } from "../../log/index.ts";
import { recovery } from "../../middleware/recovery/index.ts";
import { serverTransport } from "../../transport/index.ts";
import {
  type Filter,
  type HttpContext,
  HttpServer,
  httpTransport,
  type InjectedRequest,
  redirect,
  setOperation,
} from "../index.ts";
import { BookSchema, GetBookRequestSchema, ListRequestSchema } from "../testdata/library_pb.js";
import { libraryServer, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

interface Input {
  readonly call: string;
  readonly status: number;
  readonly value: unknown;
  readonly contentType: string;
  readonly error: string;
  readonly template: string;
  readonly path: string;
  readonly setOperation?: string;
  readonly globalFilters: readonly string[];
  readonly groupFilters: readonly string[];
  readonly routeFilters: readonly string[];
}

interface Case {
  readonly name: string;
  readonly input: Input;
  readonly expected: unknown;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../testdata/http-context.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

/** What differs on purpose: what is expected instead. */
const differences: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  // The status is sent whether there is a body or not.
  ["Result(204, null)", { status: 204, contentType: null, body: "" }],
  // A variable stands once in a template, and so is one text, not a list of one.
  ["Vars", { name: "foo" }],
  // Without a schema there are no types: values are text.
  ["BindQuery into a plain object", { page: ["2"] }],
  // A context without a request is one that does not end, not one that has ended.
  ["context outside a request", { deadline: null, ended: false, value: null }],
]);

async function inRoute(
  use: (http: HttpContext) => unknown,
  { template = "/x", ...request }: InjectedRequest & { readonly template?: string } = {
    path: "/x",
  },
) {
  const server = new HttpServer({ logger: nopLogger });
  let seen: unknown;
  let thrown: unknown;
  server.route("/").handle({ method: "*", path: template }, async (http) => {
    try {
      seen = await use(http);
    } catch (error) {
      thrown = error;
      throw error;
    }
  });
  return { reply: await server.inject(request), seen, thrown };
}

const answers: Readonly<Record<string, (http: HttpContext, input: Input) => unknown>> = {
  JSON: (http, { status, value }) => http.json(status, value),
  XML: (http, { status, value }) => http.xml(status, value),
  Blob: (http, { status, contentType, value }) =>
    http.blob(status, { contentType, bytes: Buffer.from(String(value)) }),
  Stream: (http, { status, contentType, value }) =>
    http.stream(status, { contentType, chunks: once(String(value)) }),
  Result: (http, { status, value }) => http.result(status, value),
};

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** What a filter knows of the call tells what stands around it. */
async function orderOf(input: Input): Promise<readonly string[]> {
  const order: string[] = [];
  let inside = false;
  const filter =
    (name: string): Filter =>
    (next) =>
    (exchange, ctx) => {
      if (!inside && serverTransport(ctx) !== undefined && ctx.deadline !== undefined) {
        inside = true;
        order.push("router", "transport+timeout");
      }
      order.push(name);
      return next(exchange, ctx);
    };
  const filters = input.globalFilters.map(filter);
  const server = new HttpServer({ logger: nopLogger, filters });
  server
    .route("/", ...input.groupFilters.map(filter))
    .GET("/x", () => void order.push("handler"), ...input.routeFilters.map(filter));
  await server.inject({ path: "/x" });
  return order;
}

const looks: Readonly<Record<string, (input: Input) => unknown>> = {
  async Returns({ error }) {
    const { thrown } = await inRoute(() => {
      throw new Error(error);
    });
    return { thrown: (thrown as Error).message };
  },
  Vars: async (input) => ({ ...((await inRoute((http) => http.vars(), input)).seen as object) }),
  Form: async (input) =>
    Object.fromEntries(
      (await inRoute((http) => http.form(), { ...input, path: "/x", method: "POST", body: "" }))
        .seen as Map<string, unknown>,
    ),
  BindQuery: async (input) =>
    Object.fromEntries((await inRoute((http) => http.query(), input)).seen as Map<string, unknown>),
  order: orderOf,
  async operation({ template, setOperation: name }) {
    const read = (http: HttpContext): unknown => {
      if (name !== undefined) setOperation(http.context, name);
      return serverTransport(http.context)?.operation;
    };
    return (await inRoute(read, { template, path: "/v1/users/foo" })).seen;
  },
  async deadline() {
    const { seen } = await inRoute((http) => (http.context.deadline ?? 0) - Date.now());
    return { timeoutMs: Math.ceil(Number(seen) / 500) * 500 };
  },
  detached: () => ({
    deadline: background.deadline ?? null,
    ended: background.signal.aborted,
    value: httpTransport(background) ?? null,
  }),
};

describe("HttpContext by the vectors", () => {
  test.each(cases)("$name", async ({ name, input, expected: expectedByFile }) => {
    const expected = differences.get(name) ?? expectedByFile;
    const answer = answers[input.call];
    if (answer === undefined) {
      expect(await looks[input.call]?.(input)).toEqual(expected);
      return;
    }
    const { reply } = await inRoute((http) => answer(http, input));
    const { json, ...plain } = expected as { readonly json?: unknown }; // an outcome of the file
    expect({
      status: reply.status,
      contentType: reply.headers["content-type"] ?? null,
      ...(json === undefined && { body: reply.text() }),
    }).toEqual(plain);
    if (json !== undefined) expect(reply.json()).toEqual(json);
  });

  test("the differences are cases of the file", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...differences.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});

const formType = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

describe("HttpContext", () => {
  test("form() joins the body and the query, the body first, and is empty for what is none", async () => {
    const post = { method: "POST", path: "/x?a=q&b=2", headers: formType, body: "a=1&a=%20" };
    const { seen } = await inRoute((http) => http.form(), post);
    expect([...(seen as Map<string, string[]>)]).toEqual([
      ["a", ["1", " ", "q"]],
      ["b", ["2"]],
    ]);
    const bad = await inRoute((http) => http.form(), { ...post, body: "a=%zz" });
    expect((bad.seen as Map<string, string[]>).size).toBe(0);
    const json = { ...post, headers: { "content-type": "application/json" }, body: "{}" };
    const other = await inRoute((http) => http.form(), json);
    expect([...(other.seen as Map<string, string[]>)]).toEqual([
      ["a", ["q"]],
      ["b", ["2"]],
    ]);
  });

  test("bindForm() reads body and query into a message, and refuses what does not fit", async () => {
    const post = { method: "PUT", path: "/x?title=t", headers: formType, body: "id=7&unknown=x" };
    const { seen } = await inRoute((http) => http.bindForm(BookSchema), post);
    expect(seen).toMatchObject({ id: 7n, title: "t" });
    for (const body of ["id=x", "id=%zz"]) {
      const { reply } = await inRoute((http) => http.bindForm(BookSchema), { ...post, body });
      expect([reply.status, reply.json()]).toMatchObject([400, { reason: "CODEC" }]);
    }
  });

  test("body() stays readable, after bind() and before it", async () => {
    const { seen } = await inRoute(
      async (http) => {
        const first = await http.body();
        const { title } = await http.bind(BookSchema);
        return [title, (await http.bind(BookSchema)).title, (await http.body()) === first];
      },
      {
        method: "POST",
        path: "/x",
        headers: { "content-type": "application/json" },
        body: '{"title":"t"}',
      },
    );
    expect(seen).toEqual(["t", "t", true]);
  });

  test("bindValue() refuses codecs that know messages only, and types that have no codec", async () => {
    const post = { method: "POST", path: "/x", body: "{}" };
    const bind = (contentType: string) =>
      inRoute((http) => http.bindValue(), { ...post, headers: { "content-type": contentType } });
    expect((await bind("application/protojson")).reply.json()).toMatchObject({
      code: 400,
      message: "body unmarshal protojson has no form for plain values, want proto.Message",
    });
    expect((await bind("text/plain")).reply.json()).toMatchObject({
      code: 400,
      message: "unregister Content-Type: text/plain",
    });
    expect((await bind("application/xml")).reply.json()).toMatchObject({ code: 400 });
    expect((await bind("application/yaml")).seen).toEqual({});
  });

  test("json() escapes what is special in HTML", async () => {
    const { reply } = await inRoute((http) => http.json(200, { a: "<b>&\u2028" }));
    expect(reply.text()).toBe('{"a":"\\u003cb\\u003e\\u0026\\u2028"}\n');
  });

  test("xml() writes messages by their schema", async () => {
    const book = create(BookSchema, { title: "t" });
    const { reply } = await inRoute((http) => http.xml(201, book, { schema: BookSchema }));
    expect(reply.status).toBe(201);
    expect(reply.text()).toContain("<Book><id>0</id><title>t</title>");
  });

  test("bindVars() and bindQuery() use the decoders of the server, and so do services", async () => {
    const seen: unknown[] = [];
    const server = libraryServer({
      requestVarsDecoder(values, { schema, message }) {
        seen.push(schema.name, [...values]);
        Object.assign(message, { id: 41n });
      },
      requestQueryDecoder(values, { schema, message }) {
        seen.push(schema.name, [...values]);
        Object.assign(message, { shelf: "by query" });
      },
    });
    server.route("/own").GET("/{id}", (http) => {
      http.bindVars(GetBookRequestSchema);
      http.bindQuery(ListRequestSchema);
    });
    await server.inject({ path: "/own/1?a=b" });
    expect(seen).toEqual(["GetBookRequest", [["id", ["1"]]], "ListRequest", [["a", ["b"]]]]);
    seen.length = 0;
    const reply = await server.inject({ path: "/v1/books/7?x=1&x=2" });
    expect(reply.json()).toMatchObject({ id: "41", title: "by query" });
    expect(seen).toEqual([
      "GetBookRequest",
      [["x", ["1", "2"]]],
      "GetBookRequest",
      [["id", ["7"]]],
    ]);
  });

  test.each([99, 100, 1000, 200.5, Number.NaN])(
    "result() and stream() answer 500 for the status %d, which no answer can have",
    async (bad) => {
      const server = new HttpServer({ logger: nopLogger });
      const chunks = (async function* () {
        yield "x";
      })();
      server
        .route("/")
        .GET("/whole", (http) => http.result(bad, { a: 1 }))
        .GET("/empty", (http) => http.result(bad, undefined))
        .GET("/parts", (http) => http.stream(bad, { contentType: "text/plain", chunks }));
      for (const path of ["/whole", "/empty", "/parts"]) {
        const { status, text } = await server.inject({ path });
        expect(status).toBe(500);
        expect(text()).toContain("must be 200 to 999");
      }
    },
  );

  test("blob() answers 500 for a type that is no header value", async () => {
    const server = new HttpServer({ logger: nopLogger });
    const contentType = "text/plain\r\nX-Evil: 1";
    server.route("/").GET("/x", (http) => http.blob(200, { contentType, bytes: Buffer.from("x") }));
    const { status, headers } = await server.inject({ path: "/x" });
    expect([status, headers["x-evil"]]).toEqual([500, undefined]);
  });

  test("result() gives messages to the encoder of the server, with their status", async () => {
    const server = new HttpServer({
      logger: nopLogger,
      responseEncoder: (reply, { exchange, schema, status }) =>
        exchange.reply({ status, body: `${schema.name} ${reply.$typeName}` }),
    });
    const book = create(BookSchema);
    server
      .route("/")
      .GET("/x", (http) => http.result(201, book, { schema: BookSchema }))
      .GET("/plain", (http) => http.result(202, "plain"));
    const { status, text } = await server.inject({ path: "/x" });
    expect([status, text()]).toEqual([201, "Book library.v1.Book"]);
    expect((await server.inject({ path: "/plain" })).json()).toBe("plain");
  });

  test("bindVars() answers 400 CODEC for what a decoder throws", async () => {
    const server = libraryServer({
      requestVarsDecoder() {
        throw new Error("not a number");
      },
    });
    expect((await server.inject({ path: "/v1/books/x" })).json()).toMatchObject({
      code: 400,
      reason: "CODEC",
      message: "not a number",
    });
  });
});

describe("redirect()", () => {
  const routed = async (use: (http: HttpContext) => unknown, request: InjectedRequest) => {
    const server = new HttpServer({ logger: nopLogger });
    server.route("/").handle({ method: "*", path: "/a/b" }, use);
    const { status, headers, text } = await server.inject(request);
    return [status, headers["location"], text()];
  };

  test("is an answer when a handler returns it, and when it throws it, for every method", async () => {
    const back = () => redirect("/c?x=<1>", 307);
    const thrown = () => {
      throw redirect("/c", 303);
    };
    expect(await routed(back, { path: "/a/b" })).toEqual([
      307,
      "/c?x=<1>",
      '<a href="/c?x=&lt;1&gt;">Temporary Redirect</a>.\n\n',
    ]);
    expect(await routed(back, { method: "POST", path: "/a/b" })).toEqual([307, "/c?x=<1>", ""]);
    expect(await routed(thrown, { method: "DELETE", path: "/a/b" })).toEqual([303, "/c", ""]);
  });

  test("goes from services, through recovery and whatever wraps it", async () => {
    const server = libraryServer(
      { middleware: [recovery({ logger: nopLogger })] },
      {
        ping() {
          throw new Error("wrapped", { cause: redirect("https://example.com/x") });
        },
      },
    );
    const reply = await server.inject({ method: "POST", path: "/library.v1.Library/Ping" });
    expect([reply.status, reply.headers["location"]]).toEqual([302, "https://example.com/x"]);
  });

  test.each([
    ["c", "/a/c"],
    ["../c?x=../y", "/c?x=../y"],
    ["?x", "/a/?x"],
    ["//other.example/x", "//other.example/x"],
    ["/é\r\nSet-Cookie: a=b", "/%C3%A9%0D%0ASet-Cookie:%20a=b"],
    ["/\ud800", "/%EF%BF%BD"],
  ])("sends %j as %j", async (location, sent) => {
    const [, place] = await routed(() => redirect(location), { method: "POST", path: "/a/b" });
    expect(place).toBe(sent);
  });

  test("refuses a status that is none of a redirect", () => {
    for (const status of [200, 304, 400, 302.5]) {
      expect(() => redirect("/", status)).toThrow(RangeError);
    }
  });
});
