import { Agent, request as sendRequest } from "node:http";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { background, createContextKey } from "../../context/index.ts";
import { memoryLogger, nopLogger } from "../../log/index.ts";
import { HttpServer } from "../index.ts";
import { deferred, dial, serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

const get = "GET /v1/books/1 HTTP/1.1\r\nHost: x\r\n\r\n";

test("HttpServer names the address and the option when its port is taken", async () => {
  const { host } = await serve();
  const second = new HttpServer({ address: host, logger: nopLogger });
  await expect(second.start()).rejects.toThrow(
    `Cannot listen on ${host} as the port is taken; set "address" of HttpServer to another`,
  );
});

test("HttpServer is started once, but again after its port was taken", async () => {
  const { server: first, host } = await serve();
  const second = new HttpServer({ address: host, logger: nopLogger });
  await expect(second.start()).rejects.toThrow("the port is taken");
  await first.stop(AbortSignal.abort());
  const starts = await Promise.allSettled([second.start(), second.start()]);
  expect(starts.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  await expect(second.start()).rejects.toThrow(TypeError);
  await second.stop(AbortSignal.abort());
  await expect(second.start()).rejects.toThrow("it must be new: current value is stopped");
});

test("HttpServer listens on the network it is given", async () => {
  expect(() => new HttpServer({ address: "[::1]:0", network: "tcp4" })).toThrow(TypeError);
  const { server } = await serve({ address: "localhost:0", network: "tcp4" });
  const { port } = await server.endpoint();
  expect((await fetch(`http://127.0.0.1:${port}/v1/books/1`)).status).toBe(200);
  const nowhere = new HttpServer({
    address: "none.invalid:0",
    network: "tcp6",
    logger: nopLogger,
  });
  await expect(nowhere.start()).rejects.toThrow(
    'Cannot listen on none.invalid:0 as the system refuses it (ENOTFOUND); set "address" of HttpServer to another',
  );
});

test("HttpServer knows its endpoint before it is started, and serves what came since", async () => {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger });
  server.handle("/x", (exchange, ctx) =>
    exchange.reply({ status: 200, body: Buffer.from(ctx.get(name)) }),
  );
  const { origin } = await server.endpoint();
  const early = fetch(`${origin}/x`);
  await server.start(background.with(name, "given to start"));
  expect(await (await early).text()).toBe("given to start");
  await server.stop(AbortSignal.abort());
});

const name = createContextKey("test/name", "none");

test("HttpServer registers the endpoint it is given", async () => {
  const server = new HttpServer({ endpoint: "https://api.example:444", logger: nopLogger });
  expect((await server.endpoint()).href).toBe("https://api.example:444/");
  await server.stop(AbortSignal.abort());
});

test("HttpServer tells its logger where it listens, and that it stops", async () => {
  const { logger, records } = memoryLogger();
  const { server, host } = await serve({ logger });
  await server.stop(AbortSignal.abort());
  expect(records).toMatchObject([
    { message: "[HTTP] server listening", fields: { addr: host } },
    { message: "[HTTP] server stopping" },
  ]);
});

test("HttpServer serves an open listener", async () => {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { server, origin } = await serve({ listener });
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
  await server.stop(AbortSignal.timeout(1000));
  expect(listener.listening).toBe(false);
});

test("HttpServer answers the call under way when it stops, refuses new ones, and is closed then", async () => {
  const begun = deferred<void>();
  const end = deferred<void>();
  const { server, origin } = await serve(
    {},
    {
      async getBook() {
        begun.resolve();
        await end.promise;
        return { title: "late" };
      },
    },
  );
  const call = fetch(`${origin}/v1/books/1`);
  await begun.promise;
  const stopped = server.stop(new AbortController().signal);
  await expect(fetch(`${origin}/v1/titles`)).rejects.toThrow("fetch failed");
  end.resolve();
  const reply = await call;
  expect(reply.headers.get("connection")).toBe("close");
  expect(await reply.json()).toMatchObject({ title: "late" });
  await stopped;
  await server.closed;
});

test("HttpServer closes idle connections at once when it stops: silent, half-heard and kept alive", async () => {
  const { server, host } = await serve();
  const silent = dial(host);
  const half = dial(host);
  half.write("GET /v1/bo");
  const kept = dial(host);
  kept.write(get);
  await new Promise((resolve) => kept.once("data", resolve));
  await new Promise<void>((resolve) =>
    silent.connecting ? silent.once("connect", resolve) : resolve(),
  );
  const closed = [silent, half, kept].map(
    (socket) => new Promise((resolve) => socket.on("error", () => {}).on("close", resolve)),
  );
  await server.stop(new AbortController().signal);
  await Promise.all(closed);
});

test("HttpServer cuts the calls under way when the signal aborts, and ends their contexts", async () => {
  const begun = deferred<void>();
  const ended = deferred<unknown>();
  const { server, origin } = await serve(
    { timeoutMs: 0 },
    {
      getBook(_request, ctx) {
        ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
        begun.resolve();
        return new Promise(() => {});
      },
    },
  );
  const call = fetch(`${origin}/v1/books/1`);
  const failed = call.catch((error: unknown) => error);
  await begun.promise;
  const abort = new AbortController();
  const stopped = server.stop(abort.signal);
  abort.abort();
  await stopped;
  expect(await failed).toMatchObject({ message: "fetch failed" });
  expect(await ended.promise).toMatchObject({ code: 503, reason: "SERVER_STOPPED" });
});

test("HttpServer can be stopped before it is started, and twice", async () => {
  const server = new HttpServer({ logger: nopLogger });
  await server.endpoint();
  await Promise.all([server.stop(AbortSignal.abort()), server.stop(AbortSignal.abort())]);
  await server.closed;
});

test("HttpServer keeps connections alive between calls", async () => {
  const { host } = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  for (let at = 0; at < 3; at += 1) {
    await new Promise<void>((resolve, reject) => {
      const url = `http://${host}/v1/books/${at}`;
      const request = sendRequest(url, { agent }, (response) => {
        ports.add(response.socket.localPort);
        response.resume().on("end", resolve);
      });
      request.on("error", reject).end();
    });
  }
  agent.destroy();
  expect(ports.size).toBe(1);
});

test("HttpServer answers requests sent one after another without waiting", async () => {
  const { host } = await serve();
  const said = await speak(host, get + get + get.replace("Host", "Connection: close\r\nHost"));
  expect(said.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
});

test("HttpServer drops a connection whose head does not come in time", async () => {
  const { host } = await serve({ headersTimeoutMs: 60, requestTimeoutMs: 60 });
  expect(await speak(host, "GET / HTTP/1.1\r\nHos")).toMatch(/^HTTP\/1\.1 408/);
});

test("HttpServer drops a connection whose body does not come in time, and tells its call", async () => {
  const { host, origin } = await serve({ requestTimeoutMs: 60 });
  const head = "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  expect(await speak(host, `${head}Content-Length: 10\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 408/);
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});
