import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { background } from "../../context/index.ts";
import { KratosError } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { memoryRegistry } from "../../registry/memory/index.ts";
import { HttpClient, type HttpClientOptions } from "../index.ts";
import { foreignPeer, stopPeers } from "../testdata/foreign-peer.ts";
import { deferred, serve, stopServers } from "../testdata/serve.ts";

const urlencoded = "application/x-www-form-urlencoded;charset=UTF-8";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await stopServers();
  await stopPeers();
});

function connect(endpoint: string, options: Omit<HttpClientOptions, "endpoint"> = {}): HttpClient {
  const client = new HttpClient({ endpoint, logger: nopLogger, ...options });
  closing.push(() => client.close());
  return client;
}

/** A peer that answers what it was asked, as JSON. */
const mirror = (): Promise<string> =>
  foreignPeer(({ method, url, headers }, response, body) => {
    const { "content-type": type, "content-length": length, "x-a": a, host, te } = headers;
    response.end(JSON.stringify({ method, url, type, length, a, host, te, body }));
  });

describe("HttpClient.fetch()", () => {
  test("asks a node, and answers a Response", async () => {
    const host = await mirror();
    const client = connect(host, { userAgent: "tests" });
    const response = await client.fetch("/a b/é?q=1&r=a/b", { headers: { "X-A": "1" } });
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.ok]).toEqual([200, true]);
    expect(await response.json()).toEqual({
      method: "GET",
      url: "/a%20b/%C3%A9?q=1&r=a/b",
      a: "1",
      host,
      body: "",
    });
  });

  test("takes paths, URLs and Requests, of which the host does not count", async () => {
    const client = connect(await mirror());
    const urlOf = async (target: string | URL | Request): Promise<unknown> => {
      const { method, url, body } = (await (await client.fetch(target)).json()) as Record<
        string,
        unknown
      >; // what the mirror sends
      return `${String(method)} ${String(url)} ${String(body)}`;
    };
    expect(await urlOf("//x/../y")).toBe("GET //y ");
    expect(await urlOf("http://elsewhere:1/p?q=1#f")).toBe("GET /p?q=1 ");
    expect(await urlOf(new URL("https://elsewhere/p"))).toBe("GET /p ");
    const request = new Request("http://elsewhere/p", { method: "PUT", body: "b" });
    expect(await urlOf(request)).toBe("PUT /p b");
  });

  test.each(["books", "", "file:///etc/passwd", "?q", "http://"])(
    "refuses the target %j",
    async (target) => {
      await expect(connect("127.0.0.1:1").fetch(target)).rejects.toThrow(TypeError);
    },
  );

  test.each(["CONNECT", "a b", "", "GET\r\nX: y"])("refuses the method %j", async (method) => {
    await expect(connect("127.0.0.1:1").fetch("/", { method })).rejects.toThrow(TypeError);
  });

  test.each<[string, () => NonNullable<RequestInit["body"]>, string | undefined, string]>([
    ["text", () => "é", "text/plain;charset=UTF-8", "2"],
    ["bytes", () => Uint8Array.of(0xc3, 0xa9), undefined, "2"],
    ["values", () => new URLSearchParams({ a: "é" }), urlencoded, "8"],
    ["a Blob", () => new Blob(["é"], { type: "text/x" }), "text/x", ""],
    ["a stream", () => new Blob(["é"]).stream(), undefined, ""],
  ])("sends a body of %s, even of a GET", async (_name, body, type, length) => {
    const client = connect(await mirror());
    for (const method of ["post", "GET"]) {
      const response = await client.fetch("/", { method, body: body() });
      expect(await response.json()).toMatchObject({
        method: method.toUpperCase(),
        body: type === urlencoded ? "a=%C3%A9" : "é",
        ...(type !== undefined && { type }),
        ...(length !== "" && { length }),
      });
    }
  });

  test("sends a form, and a type of the caller's own", async () => {
    const client = connect(await mirror());
    const form = new FormData();
    form.set("a", "1");
    const sent = await client.fetch("/", { method: "POST", body: form });
    expect(await sent.json()).toMatchObject({
      type: expect.stringMatching(/^multipart\/form-data; boundary=/),
      body: expect.stringContaining('name="a"'),
    });
    const headers = { "content-type": "text/own", "content-length": "1", connection: "close" };
    const own = await client.fetch("/", { method: "POST", body: "12", headers });
    expect(await own.json()).toMatchObject({ type: "text/own", length: "2", body: "12" });
  });

  test("passes middlewares by, and fails as calls do with the error of an answer", async () => {
    const { host } = await serve();
    const client = connect(host, {
      middleware: [() => () => Promise.reject(new Error("a middleware ran"))],
    });
    expect(await (await client.fetch("/v1/books/7")).json()).toMatchObject({ id: "7" });
    const failed = client.fetch("/v1/books/404");
    await expect(failed).rejects.toBeInstanceOf(KratosError);
    await expect(failed).rejects.toMatchObject({
      code: 404,
      reason: "BOOK_NOT_FOUND",
      metadata: { id: "404" },
    });
  });

  test("follows no redirect", async () => {
    const host = await foreignPeer((_request, response) =>
      response.writeHead(302, { location: "/else" }).end(),
    );
    await expect(connect(host).fetch("/")).rejects.toMatchObject({ code: 302 });
  });

  test("answers without a body where there can be none", async () => {
    const host = await foreignPeer(({ url }, response) =>
      response.writeHead(Number(url?.slice(1)), { "content-length": "0" }).end(),
    );
    const client = connect(host, { maxConnections: 1 });
    for (const [path, method] of [
      ["/204", "GET"],
      ["/205", "GET"],
      ["/200", "HEAD"],
    ] as const) {
      const response = await client.fetch(path, { method });
      expect([response.body, await response.text()]).toEqual([null, ""]);
    }
  });

  test("keeps all values of a header, whatever bytes they have", async () => {
    const host = await foreignPeer((_request, response) => {
      response.setHeader("set-cookie", ["a=1", "b=2"]).setHeader("x-a", "\u00e9");
      response.end();
    });
    const { headers } = await connect(host).fetch("/");
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(headers.has("x-a")).toBe(true);
  });

  test("chooses among nodes, and passes over one that cannot be reached", async () => {
    const registry = memoryRegistry();
    const { signal } = new AbortController();
    const host = await mirror();
    for (const [id, origin] of [
      `http://${host}`,
      `http://127.0.0.1:${await freePort()}`,
    ].entries()) {
      const instance = { name: "mirror", version: "", metadata: {}, endpoints: [origin] };
      await registry.register({ ...instance, id: String(id) }, { signal });
    }
    const client = connect("discovery:///mirror", { discovery: registry });
    for (let at = 0; at < 4; at += 1) {
      expect(await (await client.fetch("/")).json()).toMatchObject({ host });
    }
    const none = client.fetch("/", { filters: [() => []] });
    await expect(none).rejects.toMatchObject({ code: 503, reason: "NODE_NOT_FOUND" });
  });

  test("goes over HTTP/2 too", async () => {
    const { host } = await serve();
    const client = connect(host, { http: "2" });
    const body = new Blob(['{"text":"x"}']).stream();
    const headers = { "content-type": "application/json" };
    const response = await client.fetch("/library.v1.Library/Ping", {
      method: "POST",
      headers,
      body,
    });
    expect(await response.json()).toEqual({ text: "x" });
  });
});

describe("HttpClient.fetch() and bodies that stream", () => {
  test("hands out pieces as they come, and makes a fast peer wait", async () => {
    const piece = "x".repeat(16_384);
    let sent = 0;
    const waits = deferred<void>();
    const host = await foreignPeer((_request, response) => {
      const write = (): void => {
        for (;;) {
          if (sent === 2000) return void response.end();
          sent += 1;
          if (!response.write(piece)) break;
        }
        waits.resolve();
        response.once("drain", write);
      };
      write();
    });
    const response = await connect(host).fetch("/", { timeoutMs: 0 });
    await waits.promise;
    expect(sent).toBeLessThan(2000);
    let size = 0;
    for await (const chunk of response.body ?? []) size += chunk.length;
    expect(size).toBe(2000 * piece.length);
  });

  test("sends pieces as they come", async () => {
    const first = deferred<string>();
    const server = createServer((request, response) => {
      request.once("data", (chunk) => first.resolve(String(chunk)));
      request.on("end", () => response.end("done"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo; // it listens on a port
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a");
      expect(await first.promise).toBe("a");
      yield Buffer.from("b");
    }
    const body = ReadableStream.from(pieces());
    const response = await connect(`127.0.0.1:${port}`).fetch("/", { method: "POST", body });
    expect(await response.text()).toBe("done");
  });

  test("ends with the deadline of the client, of the request, or of its context", async () => {
    const host = await stalling();
    const timedOut = { code: 504 };
    const slow = await connect(host, { timeoutMs: 50 }).fetch("/");
    await expect(slow.text()).rejects.toMatchObject(timedOut);
    const client = connect(host);
    const own = await client.fetch("/", { timeoutMs: 50 });
    await expect(own.text()).rejects.toMatchObject(timedOut);
    const context = background.withTimeout(50);
    const inherited = await client.fetch("/", { context, timeoutMs: 0 });
    await expect(inherited.text()).rejects.toMatchObject(timedOut);
  });

  test("ends when the signal aborts, before an answer and after it", async () => {
    const closed = deferred<void>();
    const host = await stalling(() => closed.resolve());
    const client = connect(host, { timeoutMs: 0 });
    const abort = new AbortController();
    const response = await client.fetch("/", { signal: abort.signal });
    abort.abort();
    await expect(response.text()).rejects.toMatchObject({ code: 499 });
    await closed.promise;
    const late = client.fetch("/", { signal: abort.signal });
    await expect(late).rejects.toMatchObject({ code: 499 });
  });

  test("lets the connection go when the body is cancelled", async () => {
    const closed = deferred<void>();
    const host = await stalling(() => closed.resolve());
    const response = await connect(host, { timeoutMs: 0 }).fetch("/");
    await response.body?.cancel();
    await closed.promise;
  });

  test("fails with the answer that breaks off", async () => {
    const host = await foreignPeer((_request, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("x", () => response.destroy());
    });
    const response = await connect(host).fetch("/");
    await expect(response.text()).rejects.toMatchObject({ code: 503 });
  });

  test("ends a body that is never sent", async () => {
    const cancelled = deferred<void>();
    const body = new ReadableStream({ cancel: () => cancelled.resolve() });
    const client = connect("127.0.0.1:1");
    const sending = client.fetch("/", { method: "POST", body, filters: [() => []] });
    await expect(sending).rejects.toMatchObject({ reason: "NODE_NOT_FOUND" });
    await cancelled.promise;
  });
});

/** A peer that never ends its answers. */
const stalling = (onClose: () => void = () => {}): Promise<string> =>
  foreignPeer((_request, response) => {
    response.on("close", onClose);
    response.write("x");
  });

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise((resolve) => server.close(resolve));
  return port;
}
