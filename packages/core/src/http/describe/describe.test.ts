import { connect } from "node:net";
import { once } from "node:events";
import { nodeHttp2 } from "@kratosjs/h2";
import { Channelz } from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { GrpcClient } from "../../grpc/index.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import { askH2, closeH2, openH2, testCertificates } from "../testdata/h2-client.ts";
import { Library } from "../testdata/library_pb.js";
import { deferred, dial, serve, stopServers } from "../testdata/serve.ts";

const clients: GrpcClient[] = [];
afterEach(async () => {
  closeH2();
  await Promise.all(clients.splice(0).map((client) => client.close(AbortSignal.abort())));
  await stopServers();
});

const { key, cert } = testCertificates;

describe("describe() of an HttpServer", () => {
  test("describe() of an HttpServer tells of its life", async () => {
    const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger });
    const fresh = { startedAt: undefined, connections: [], liveExchanges: [], grpc: undefined };
    expect(server.describe()).toEqual({
      ...fresh,
      state: "new",
      listening: [],
      refusedConnections: 0,
    });
    await server.start();
    const { host } = await server.endpoint();
    expect(server.describe()).toMatchObject({ state: "running", listening: [host] });
    expect(server.describe().startedAt).toBeLessThanOrEqual(Date.now());
    const stopped = server.stop(new AbortController().signal);
    expect(server.describe().state).toBe("stopping");
    await stopped;
    expect(server.describe()).toMatchObject({ state: "stopped", listening: [], connections: [] });
  });

  test("describe() of an HttpServer tells of connections that have said nothing, and of those refused", async () => {
    const { server, host } = await serve({ maxConnections: 1 });
    const silent = dial(host);
    await once(silent, "connect");
    const { port, hostname } = new URL(`http://${host}`);
    const refused = connect(Number(port), hostname).on("error", () => {});
    await once(refused, "close");
    const { localPort, localAddress } = silent;
    expect(server.describe()).toMatchObject({
      refusedConnections: 1,
      connections: [
        {
          protocol: undefined,
          localPort: Number(port),
          remotePort: localPort,
          remoteAddress: localAddress,
          requests: 0,
          counters: undefined,
          tls: undefined,
        },
      ],
    });
    silent.destroy();
  });

  test("describe() of an HttpServer counts the requests and bytes of HTTP/1.1, and tells of those under way", async () => {
    const begun = deferred<void>();
    const end = deferred<void>();
    const { server, host } = await serve(
      {},
      {
        async getBook({ id }) {
          if (id === 2n) {
            begun.resolve();
            await end.promise;
          }
          return { id };
        },
      },
    );
    const socket = dial(host);
    const ask = (id: number): Promise<unknown> => {
      socket.write(`GET /v1/books/${id}?shelf=secret HTTP/1.1\r\nHost: x\r\n\r\n`);
      return once(socket, "data");
    };
    const before = Date.now();
    await ask(1);
    expect(server.describe().liveExchanges).toEqual([]);
    const reply = ask(2);
    await begun.promise;
    const { connections, liveExchanges } = server.describe();
    expect(connections).toMatchObject([
      { protocol: "http/1.1", remotePort: socket.localPort, requests: 2 },
    ]);
    expect(connections[0]?.bytesRead).toBe(socket.bytesWritten);
    expect(connections[0]?.bytesWritten).toBe(socket.bytesRead);
    expect(liveExchanges).toEqual([
      {
        method: "GET",
        path: "/v1/books/2",
        httpVersion: "1.1",
        remoteAddress: "127.0.0.1",
        startedAt: expect.any(Number),
        ageMs: expect.any(Number),
      },
    ]);
    expect(liveExchanges[0]?.startedAt).toBeGreaterThanOrEqual(before);
    end.resolve();
    await reply;
    socket.destroy();
  });

  test.each<[string, HttpServerOptions]>([
    ["", {}],
    [" over TLS", { tls: { key, cert } }],
    [" of another engine", { engine: nodeHttp2() }],
  ])(
    "describe() of an HttpServer tells of connections and exchanges of HTTP/2%s",
    async (_name, options) => {
      const begun = deferred<void>();
      const end = deferred<void>();
      const { server, origin } = await serve(options, {
        async getBook({ id }) {
          begun.resolve();
          await end.promise;
          return { id };
        },
      });
      const client = await openH2(origin);
      const reply = askH2(client, { path: "/v1/books/2?shelf=secret" });
      await begun.promise;
      const description = server.describe();
      expect(description.grpc).toBeUndefined();
      expect(description.connections).toMatchObject([
        {
          protocol: "h2",
          remotePort: client.socket.localPort,
          requests: 1,
          counters: { streamsOpened: 1, resetsReceived: 0 },
          tls: options.tls === undefined ? undefined : { protocol: "TLSv1.3" },
        },
      ]);
      expect(description.connections[0]?.bytesRead).toBeGreaterThan(0);
      expect(description.liveExchanges).toMatchObject([
        { method: "GET", path: "/v1/books/2", httpVersion: "2", remoteAddress: "127.0.0.1" },
      ]);
      end.resolve();
      await reply;
      expect(server.describe().liveExchanges).toEqual([]);
    },
  );

  test("describe() of an HttpServer forgets exchanges of HTTP/2 whose peer has left", async () => {
    const begun = deferred<void>();
    const left = deferred<void>();
    const { server, origin } = await serve(
      {},
      {
        async getBook(_request, ctx) {
          ctx.signal.addEventListener("abort", () => left.resolve());
          begun.resolve();
          await left.promise;
          return {};
        },
      },
    );
    const client = await openH2(origin);
    askH2(client, { path: "/v1/books/2" }).catch(() => {});
    await begun.promise;
    client.destroy();
    await left.promise;
    expect(server.describe().liveExchanges).toEqual([]);
  });

  test("describe() of an HttpServer tells of its gRPC, and channelz lists it until it stops", async () => {
    const begun = deferred<void>();
    const end = deferred<void>();
    const { server, host } = await serve(
      { grpc: { channelz: true } },
      {
        async getBook({ id }) {
          begun.resolve();
          await end.promise;
          return { id };
        },
      },
    );
    const watching = await serve({ grpc: { channelz: true } });
    const client = clientOf(host);
    const channelz = createClient(Channelz, clientOf(watching.host));
    const call = createClient(Library, client).getBook({ id: 1n });
    await begun.promise;
    const { grpc, liveExchanges } = server.describe();
    expect(liveExchanges).toEqual([]);
    expect(grpc).toMatchObject({
      state: "running",
      calls: { started: 1, succeeded: 0, failed: 0 },
      listening: [{ address: host }],
      connections: [{ calls: { started: 1 }, messagesReceived: 1, messagesSent: 0 }],
      liveCalls: [{ operation: "/library.v1.Library/GetBook" }],
    });
    end.resolve();
    await call;
    const serverId = BigInt(grpc?.id ?? 0);
    const listed = await channelz.getServer({ serverId });
    expect(listed.server).toMatchObject({
      ref: { serverId, name: host },
      data: { callsStarted: 1n, callsSucceeded: 1n, callsFailed: 0n },
      listenSocket: [{ name: host }],
    });
    const [socketRef] = (await channelz.getServerSockets({ serverId })).socketRef;
    expect(socketRef?.name).toMatch(`${host} -> 127.0.0.1:`);
    const { socket } = await channelz.getSocket({ socketId: socketRef?.socketId ?? 0n });
    expect(socket?.data).toMatchObject({ streamsSucceeded: 1n, messagesSent: 1n });
    await server.stop(AbortSignal.abort());
    expect(server.describe().grpc).toMatchObject({ state: "stopped", calls: { succeeded: 1 } });
    const rest = (await channelz.getServers({})).server.map(({ ref }) => ref?.serverId);
    expect(rest).not.toContain(serverId);
    expect(rest).toContain(BigInt(watching.server.describe().grpc?.id ?? 0));
  });
});

function clientOf(endpoint: string): GrpcClient {
  const client = new GrpcClient({ endpoint, logger: nopLogger, healthCheck: false });
  clients.push(client);
  return client;
}
