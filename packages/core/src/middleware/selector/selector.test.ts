import { describe, expect, it, test } from "vitest";
import { background, type Context } from "../../context/index.ts";
import {
  HeaderMap,
  type Transport,
  withClientTransport,
  withServerTransport,
} from "../../transport/index.ts";
import type { Handler, Middleware } from "../index.ts";
import { clientSelector, type OperationMatch, type Selection, selector } from "./index.ts";
import vectors from "./testdata/selector-middleware.json" with { type: "json" };

interface Input {
  readonly side: string;
  readonly prefix?: readonly string[];
  readonly regex?: readonly string[];
  readonly path?: readonly string[];
  readonly match?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly transport?: null;
  readonly operation: string;
}

/** What differs on purpose. */
const differences: ReadonlyMap<string, boolean> = new Map([
  // In Go "no match" is the empty text, which is the operation; here nothing matches what it does not.
  ["empty operation satisfies any non-matching regex", false],
]);

/** The functions that the cases name in words. */
const matches: Readonly<Record<string, OperationMatch>> = {
  "operation starts with /go-kratos.dev or ends with world": (_, operation) =>
    operation.startsWith("/go-kratos.dev") || operation.endsWith("world"),
  "header X-Test == test or go-kratos == kratos": (context) => {
    const header = headersOf.get(context);
    return header?.get("X-Test") === "test" || header?.get("go-kratos") === "kratos";
  },
};
const headersOf = new WeakMap<Context, HeaderMap>();

function callOf(operation: string, headers: Readonly<Record<string, string>> = {}): Transport {
  const requestHeader = new HeaderMap(Object.entries(headers));
  return { kind: "test", endpoint: "", operation, requestHeader, replyHeader: new HeaderMap() };
}

const mark: Middleware = (next) => async (request, context) =>
  `marked ${String(await next(request, context))}`;
const answer: Handler = async (request) => request;

function contextOf({ side, transport, operation, headers }: Input): Context {
  if (transport === null) return background;
  const call = callOf(operation, headers);
  const within = side === "server" ? withServerTransport : withClientTransport;
  const context = within(background, call);
  headersOf.set(context, new HeaderMap(Object.entries(headers ?? {})));
  return context;
}

function selectionOf({ side, prefix, regex, path, match }: Input): Selection {
  let made = side === "server" ? selector(mark) : clientSelector(mark);
  if (prefix !== undefined) made = made.prefix(...prefix);
  if (regex !== undefined) made = made.regex(...regex);
  if (path !== undefined) made = made.path(...path);
  const condition = match === undefined ? undefined : matches[match];
  return condition === undefined ? made : made.match(condition);
}

describe("selector() by the vectors", () => {
  it.each(
    vectors.cases as readonly { name: string; input: Input; expected: { applied: boolean } }[],
  )("$name", async ({ name, input, expected }) => {
    const applied = differences.get(name) ?? expected.applied;
    expect(input.match === undefined || input.match in matches).toBe(true);
    const reply = await selectionOf(input)(answer)("x", contextOf(input));
    expect(reply).toBe(applied ? "marked x" : "x");
  });

  test("the differences are cases of the file", () => {
    const names = new Set(vectors.cases.map(({ name }) => name));
    expect([...differences.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});

const on = async (selection: Selection, operation: string): Promise<boolean> =>
  (await selection(answer)("x", withServerTransport(background, callOf(operation)))) !== "x";

test("selector() runs what it wraps with the first outermost", async () => {
  const order: string[] = [];
  const note =
    (name: string): Middleware =>
    (next) =>
    (request, context) => {
      order.push(name);
      return next(request, context);
    };
  expect(await on(selector(note("a"), note("b"), mark).prefix(""), "/x")).toBe(true);
  expect(order).toEqual(["a", "b"]);
});

test("selector() takes the last words of each condition, and any condition is enough", async () => {
  const made = selector(mark).path("/a").path("/b").prefix("/c");
  expect([await on(made, "/a"), await on(made, "/b"), await on(made, "/c/d")]).toEqual([
    false,
    true,
    true,
  ]);
});

test("selector() answers copies: a condition added to one is not in the other", async () => {
  const base = selector(mark).path("/a");
  const more = base.prefix("/b");
  expect([await on(base, "/b/x"), await on(more, "/b/x"), await on(more, "/a")]).toEqual([
    false,
    true,
    true,
  ]);
});

test("selector() does not take an alternative's begin for the whole, as Go does not", async () => {
  expect(await on(selector(mark).regex("/a|/ab"), "/ab")).toBe(false);
  expect(await on(selector(mark).regex("/ab|/a"), "/ab")).toBe(true);
  expect(await on(selector(mark).regex("(?i)/AB"), "/ab")).toBe(true);
});

test("selector() leaves an expression that is none out, and goes on with the others", async () => {
  expect(await on(selector(mark).regex("(?=x)", "/y.*"), "/yes")).toBe(true);
});

test("selector() of the server's side does not see a client's call, nor the other way round", async () => {
  const client = withClientTransport(background, callOf("/x"));
  const server = withServerTransport(background, callOf("/x"));
  expect(await selector(mark).prefix("/")(answer)("x", client)).toBe("x");
  expect(await clientSelector(mark).prefix("/")(answer)("x", server)).toBe("x");
});

test("selector() is not held up by an expression that backtracks for ever elsewhere", async () => {
  const started = performance.now();
  expect(await on(selector(mark).regex("(a+)+b"), "a".repeat(5000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
