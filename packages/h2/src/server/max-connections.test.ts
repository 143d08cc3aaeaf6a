import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { connectH2, createH2Server, type H2Server, type H2ServerOptions } from "../index.ts";
import { call } from "../testdata/local-client.ts";
import { answerOk } from "../testdata/serving.ts";

const read = (name: string): Buffer => readFileSync(new URL(`./testdata/${name}`, import.meta.url));
const ca = read("ca.pem");
const tls = { key: read("first.key"), cert: read("first.pem") };

async function start(
  options: H2ServerOptions,
): Promise<{ server: H2Server; port: number } & AsyncDisposable> {
  const server = createH2Server(answerOk, options);
  const address = await server.listen({ host: "127.0.0.1" });
  return {
    server,
    port: typeof address === "string" ? 0 : address.port,
    async [Symbol.asyncDispose]() {
      await server.close(AbortSignal.abort());
    },
  };
}

async function closes(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
}

test.each([
  ["clear text", {}],
  ["TLS", { tls }],
])(
  "createH2Server() maxConnections refuses a further connection over %s and counts it",
  async (_name, options) => {
    const failures: unknown[] = [];
    await using running = await start({
      ...options,
      maxConnections: 2,
      onConnectionError: (error) => failures.push(error),
    });
    const { port, server } = running;
    const target = { host: "127.0.0.1", port };
    const secure = "tls" in options ? { tls: { ca } } : {};
    const first = await connectH2(target, secure);
    // One that says nothing takes a place, too.
    const silent = connect(port, "127.0.0.1");
    await expect.poll(() => server.counters.connections).toBe(2);
    await closes(connect(port, "127.0.0.1"));
    if ("tls" in options) await closes(connectTls({ ...target, ca, ALPNProtocols: ["h2"] }));
    const refused = "tls" in options ? 2 : 1;
    expect(server.counters).toEqual({ connections: 2, refused });
    expect(await call(first).ears.ended).toBe("end");
    silent.destroy();
    await expect.poll(() => server.counters.connections).toBe(1);
    const second = await connectH2(target, secure);
    expect(await call(second).ears.ended).toBe("end");
    first.destroy();
    second.destroy();
    await expect.poll(() => server.counters.connections).toBe(0);
    expect(server.counters.refused).toBe(refused);
    expect(failures.length).toBeLessThanOrEqual(1); // the silent one's handshake
  },
);

test("createH2Server() counts every connection when there is no limit", async () => {
  await using running = await start({});
  const sockets = Array.from({ length: 20 }, () => connect(running.port, "127.0.0.1"));
  await expect.poll(() => running.server.counters).toEqual({ connections: 20, refused: 0 });
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => running.server.counters.connections).toBe(0);
});

test.each([-1, Number.NaN])(
  "createH2Server() throws for maxConnections of %d",
  (maxConnections) => {
    expect(() => createH2Server(answerOk, { maxConnections })).toThrow(
      `Cannot make a server as 'maxConnections' must be 0 or more: current value is ${maxConnections}`,
    );
  },
);
