import {
  credentials,
  getChannelzServiceDefinition,
  makeGenericClientConstructor,
} from "@grpc/grpc-js";
import { Channelz } from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { GrpcClient } from "../index.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

function clientOf(endpoint: string): GrpcClient {
  const client = new GrpcClient({ endpoint, logger: nopLogger, healthCheck: false });
  cleanups.push(() => client.close(AbortSignal.abort()));
  return client;
}

const ownChannelz = (address: string): Client<typeof Channelz> =>
  createClient(Channelz, clientOf(address));

/** Calls the service as `@grpc/grpc-js` knows it, by its own copy of the definition. */
function foreignChannelz(address: string): (method: string, request: object) => Promise<unknown> {
  const Foreign = makeGenericClientConstructor(getChannelzServiceDefinition(), "Channelz");
  const client = new Foreign(address, credentials.createInsecure());
  cleanups.push(() => client.close());
  return (method, request) =>
    new Promise((resolve, reject) => {
      const call: unknown = Reflect.get(client, method);
      if (typeof call !== "function") throw new TypeError(`no method ${method}`);
      call.call(client, request, (error: Error | null, reply: unknown) => {
        if (error === null) resolve(reply);
        else reject(error);
      });
    });
}

describe("channelz", () => {
  test("channelz tells a grpc-js client of servers, sockets, channels and subchannels", async () => {
    const running = await start({}, { channelz: true });
    const client = clientOf(running.address);
    await createClient(Echo, client).say({ text: "counted" });
    const ask = foreignChannelz(running.address);
    const { id, listening } = running.server.describe();

    const { servers, end } = await listServers(ask);
    expect(end).toBe(true);
    const server = servers.find(({ ref }) => ref.server_id === String(id));
    expect(server).toMatchObject({
      data: { calls_started: "2", calls_succeeded: "1", calls_failed: "0" },
      listen_socket: [{ socket_id: String(listening[0]?.id), name: running.address }],
    });
    expect(await ask("getServer", { server_id: id })).toMatchObject({
      server: { ref: { server_id: String(id) } },
    });
    expect(await ask("getServerSockets", { server_id: id, max_results: 1 })).toMatchObject({
      socket_ref: [{ name: expect.stringContaining(`${running.address} -> 127.0.0.1:`) }],
      end: false,
    });

    const own = client.describe();
    const subchannelId = own.subchannels[0]?.id ?? 0;
    const socket = own.subchannels[0]?.connections[0];
    expect(await ask("getChannel", { channel_id: own.id })).toMatchObject({
      channel: {
        data: { state: { state: "READY" }, target: running.address, calls_succeeded: "1" },
        subchannel_ref: [{ subchannel_id: String(subchannelId), name: running.address }],
      },
    });
    expect(await ask("getSubchannel", { subchannel_id: subchannelId })).toMatchObject({
      subchannel: {
        data: { state: { state: "READY" } },
        socket_ref: [{ socket_id: String(socket?.id) }],
      },
    });
    expect(await ask("getSocket", { socket_id: socket?.id })).toMatchObject({
      socket: {
        data: {
          streams_started: "1",
          streams_succeeded: "1",
          messages_sent: "1",
          messages_received: "1",
        },
        remote: {
          address: "tcpip_address",
          tcpip_address: { ip_address: Buffer.from([127, 0, 0, 1]), port: running.port },
        },
        security: null,
      },
    });
    expect(await ask("getSocket", { socket_id: listening[0]?.id })).toMatchObject({
      socket: { local: { tcpip_address: { port: running.port } } },
    });
  });

  test("channelz answers NOT_FOUND for what is not there", async () => {
    const running = await start({}, { channelz: true });
    const ask = foreignChannelz(running.address);
    const { id } = running.server.describe();
    for (const [method, request] of [
      ["getServer", { server_id: 999_999 }],
      ["getServerSockets", { server_id: 999_999 }],
      ["getChannel", { channel_id: id }],
      ["getSubchannel", { subchannel_id: id }],
      ["getSocket", { socket_id: -1 }],
    ] as const) {
      await expect(ask(method, request), method).rejects.toMatchObject({ code: 5 });
    }
  });

  test("channelz gives lists a page at a time", async () => {
    const running = await start({}, { channelz: true });
    const others = await Promise.all([start(), start(), start()]);
    const channelz = ownChannelz(running.address);
    const seen: bigint[] = [];
    for (let startServerId = 0n, end = false; !end;) {
      const page = await channelz.getServers({ startServerId, maxResults: 2n });
      expect(page.server.length).toBeLessThanOrEqual(2);
      seen.push(...page.server.map(({ ref }) => ref?.serverId ?? 0n));
      end = page.end;
      startServerId = (seen.at(-1) ?? 0n) + 1n;
    }
    const ids = [running, ...others].map(({ server }) => BigInt(server.describe().id));
    expect(seen).toEqual(seen.toSorted((a, b) => Number(a - b)));
    expect(seen).toEqual(expect.arrayContaining(ids));
    const { channel } = await channelz.getTopChannels({ startChannelId: 1n << 40n });
    expect(channel).toEqual([]);
  });

  test("channelz leaves out servers and clients that are closed", async () => {
    const running = await start({}, { channelz: true });
    const channelz = ownChannelz(running.address);
    const gone = await start();
    const closed = clientOf(gone.address);
    const ids = {
      server: BigInt(gone.server.describe().id),
      channel: BigInt(closed.describe().id),
    };
    expect((await channelz.getServer({ serverId: ids.server })).server).toBeDefined();
    expect((await channelz.getChannel({ channelId: ids.channel })).channel).toBeDefined();
    await closed.close();
    await gone.stop();
    await expect(channelz.getServer({ serverId: ids.server })).rejects.toMatchObject({ code: 404 });
    await expect(channelz.getChannel({ channelId: ids.channel })).rejects.toMatchObject({
      code: 404,
    });
  });

  test("channelz is not served unless it is turned on", async () => {
    const running = await start();
    await expect(ownChannelz(running.address).getServers({})).rejects.toMatchObject({ code: 501 });
  });
});

interface ForeignServers {
  readonly servers: readonly { readonly ref: { readonly server_id: string } }[];
  readonly end: boolean;
}

async function listServers(
  ask: (method: string, request: object) => Promise<unknown>,
): Promise<ForeignServers> {
  // The shape is what the definition of grpc-js makes of the answer.
  const { server, end } = (await ask("getServers", {})) as {
    readonly server: ForeignServers["servers"];
    readonly end: boolean;
  };
  return { servers: server, end };
}
