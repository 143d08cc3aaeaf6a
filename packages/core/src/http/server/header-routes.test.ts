import { expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { HttpServer, httpTransport } from "../index.ts";

function answering(server: HttpServer, name: string, value: string, text: string): HttpServer {
  return server.handleHeader({ name, value }, (exchange, ctx) => {
    const operation = httpTransport(ctx)?.operation;
    exchange.reply({ status: 200, body: `${text} ${JSON.stringify(operation)}` });
  });
}

const server = (): HttpServer => new HttpServer({ logger: nopLogger });
const text = async (
  made: HttpServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string | number> => {
  const reply = await made.inject({ path, headers });
  return reply.status === 200 ? reply.text() : reply.status;
};

test("handleHeader() answers on any path, by the exact value and the name in any case", async () => {
  const made = answering(server(), "X-Kind", "a", "kind");
  expect(await text(made, "/x", { "x-kind": "a" })).toBe('kind ""');
  expect(await text(made, "/y/z", { "X-KIND": "a" })).toBe('kind ""');
  expect(await text(made, "/x", { "x-kind": "A" })).toBe(404);
  expect(await text(made, "/x")).toBe(404);
});

test("handleHeader() with an empty value takes every value, and the first one added holds", async () => {
  const made = answering(answering(server(), "x-kind", "a", "first"), "x-kind", "", "any");
  expect(await text(made, "/x", { "x-kind": "a" })).toBe('first ""');
  expect(await text(made, "/x", { "x-kind": "other" })).toBe('any ""');
});

test("handleHeader() gives way to routes of the path, not to prefixes", async () => {
  const made = answering(server(), "x-kind", "", "header");
  made.route("/").GET("/x", (http) => http.string(200, "route"));
  made.handlePrefix("/", (exchange) => exchange.reply({ status: 200, body: "prefix" }));
  const headers = { "x-kind": "a" };
  expect(await text(made, "/x", headers)).toBe("route");
  expect(await text(made, "/y", headers)).toBe('header ""');
  expect(await text(made, "/y")).toBe("prefix");
});
