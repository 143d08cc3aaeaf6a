import { request as sendRequest } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import type { HttpServer, InjectedRequest } from "../index.ts";
import { serve, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

async function overMemory(server: HttpServer, request: InjectedRequest): Promise<Answer> {
  const { status, headers, text } = await server.inject(request);
  return { status, headers, text: text() };
}

async function overSocket(server: HttpServer, request: InjectedRequest): Promise<Answer> {
  const { hostname, port } = await server.endpoint();
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const type =
    body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
  const headers = { connection: "close", ...type, ...(request.headers as Record<string, string>) };
  return new Promise((resolve, reject) => {
    const { method = "GET", path } = request;
    const outgoing = sendRequest({ hostname, port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        const pairs = Object.entries(response.headers).map(([name, value]) => [
          name,
          String(value),
        ]);
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(pairs), text });
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

const requests: readonly InjectedRequest[] = [
  { path: "/v1/books/7" },
  { method: "HEAD", path: "/v1/books/7" },
  { path: "/v1/books/404" },
  { path: "/v1/books/404", headers: { accept: "application/yaml" } },
  { method: "POST", path: "/v1/shelves/s/books?dry_run=1", body: { title: "\u00fc".repeat(10) } },
  { method: "PUT", path: "/v1/books/1", body: { title: "x".repeat(100_000) } },
  { method: "PUT", path: "/v1/books/1", body: { title: 7 } },
  { method: "DELETE", path: "/v1/books/1" },
  { method: "PATCH", path: "/v1/books/1" },
  { path: "/nope" },
  { path: "/v1/titles/" },
  { path: "/v1/watch?page_size=3" },
];

describe("HttpServer inject() answers as a socket does", () => {
  test.each(
    requests.map((request) => [`${request.method ?? "GET"} ${request.path}`, request] as const),
  )("%s", async (_name, request) => {
    const { server } = await serve();
    const { headers: injected, ...memory } = await overMemory(server, request);
    const { headers: sent, ...socket } = await overSocket(server, request);
    expect(memory).toEqual(socket);
    expect({ ...injected, date: "" }).toEqual({ ...sent, date: "" });
  });
});

test("HttpServer inject() needs no start, and its signal is the peer that leaves", async () => {
  const { server } = await serve(
    {},
    {
      getBook: (_request, ctx) =>
        new Promise((_resolve, reject) => {
          ctx.signal.addEventListener("abort", () => {
            left = true;
            reject(new Error("left"));
          });
          abort.abort();
        }),
    },
  );
  let left = false;
  const abort = new AbortController();
  await expect(server.inject({ path: "/v1/books/1", signal: abort.signal })).rejects.toMatchObject({
    name: "AbortError",
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(left).toBe(true);
});
