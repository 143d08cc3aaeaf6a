import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Channelz,
  GetSocketResponseSchema,
} from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import type { ServiceImpl } from "../../rpc/index.ts";
import { knownClients } from "../client/client-record.ts";
import type { ConnectionDescription, SubchannelDescription } from "../describe/description.ts";
import { grpcFailure } from "../../errors/index.ts";
import { knownServers } from "../server/server-record.ts";
import { pageOf } from "./page.ts";
import { channelMessage, socketName, subchannelMessage } from "./channel-messages.ts";
import { listenSocketMessage, serverMessage, socketMessage } from "./server-messages.ts";

/** Tells of all servers and clients of this process. */
export function channelzService(): ServiceImpl<typeof Channelz> {
  return {
    getTopChannels({ startChannelId: startId, maxResults }) {
      const { items, end } = pageOf(knownClients.list(), { startId, maxResults });
      return { channel: items.map((client) => channelMessage(client.describe())), end };
    },
    getServers({ startServerId: startId, maxResults }) {
      const { items, end } = pageOf(knownServers.list(), { startId, maxResults });
      return { server: items.map(serverMessage), end };
    },
    getServer: ({ serverId }) => ({
      server: serverMessage(found("server", serverId, byId(knownServers.list(), serverId))),
    }),
    getServerSockets({ serverId, startSocketId: startId, maxResults }) {
      const server = found("server", serverId, byId(knownServers.list(), serverId));
      const { items, end } = pageOf(server.connections, { startId, maxResults });
      const socketRef = items.map(({ id, session }) => ({
        socketId: BigInt(id),
        name: socketName(session),
      }));
      return { socketRef, end };
    },
    getChannel({ channelId }) {
      const client = found("channel", channelId, byId(knownClients.list(), channelId));
      return { channel: channelMessage(client.describe()) };
    },
    getSubchannel({ subchannelId }) {
      const subchannel = byId(subchannels(), subchannelId);
      return { subchannel: subchannelMessage(found("subchannel", subchannelId, subchannel)) };
    },
    getSocket: ({ socketId }) => ({ socket: found("socket", socketId, socketOf(socketId)) }),
  };
}

type SocketMessage = MessageInitShape<typeof GetSocketResponseSchema>["socket"];

function subchannels(): readonly SubchannelDescription[] {
  return knownClients.list().flatMap((client) => client.describe().subchannels);
}

function socketOf(id: bigint): SocketMessage | undefined {
  for (const server of knownServers.list()) {
    const own = byId(server.connections, id);
    if (own !== undefined) return socketMessage(own.describe(), "server");
    const port = byId(server.listening, id);
    if (port !== undefined) return listenSocketMessage(port);
  }
  const connections = subchannels().flatMap((subchannel) => subchannel.connections);
  const connection: ConnectionDescription | undefined = byId(connections, id);
  return connection && socketMessage(connection, "client");
}

function byId<T extends { readonly id: number }>(all: readonly T[], id: bigint): T | undefined {
  return all.find((one) => BigInt(one.id) === id);
}

function found<T>(kind: string, id: bigint, value: T | undefined): T {
  if (value !== undefined) return value;
  throw grpcFailure("NOT_FOUND", `requested ${kind} ${id} not found`);
}
