import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  AddressSchema,
  SecuritySchema,
  ServerSchema,
  SocketDataSchema,
  SocketSchema,
} from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { parseAddress } from "../../transport/index.ts";
import type { TlsDescription } from "../../transport/tls/index.ts";
import type { ConnectionDescription, ListenSocketDescription } from "../describe/description.ts";
import type { ServerRecord } from "../server/server-record.ts";
import { callFields, socketName } from "./channel-messages.ts";
import { ipBytes } from "./ip-bytes.ts";

/** A server as channelz has it. */
export function serverMessage(server: ServerRecord): MessageInitShape<typeof ServerSchema> {
  const { id, listening, startedAt, traffic } = server;
  const [port] = listening;
  return {
    ref: { serverId: BigInt(id), name: port?.address ?? "" },
    data: {
      ...(startedAt !== undefined && { trace: { creationTimestamp: timestampFromMs(startedAt) } }),
      ...callFields(traffic.calls),
    },
    listenSocket: listening.map((socket) => ({
      socketId: BigInt(socket.id),
      name: socket.address,
    })),
  };
}

/** A port that is listened on as channelz has it. */
export function listenSocketMessage(
  socket: ListenSocketDescription,
): MessageInitShape<typeof SocketSchema> {
  return {
    ref: { socketId: BigInt(socket.id), name: socket.address },
    data: {},
    local: boundAddress(socket.address),
  };
}

/** A connection as channelz has it. */
export function socketMessage(
  connection: ConnectionDescription,
  side: "client" | "server",
): MessageInitShape<typeof SocketSchema> {
  const { id, tls, localAddress, localPort, remoteAddress, remotePort } = connection;
  return {
    ref: { socketId: BigInt(id), name: socketName(connection) },
    data: socketData(connection, side),
    local: addressOf(localAddress, localPort),
    remote: addressOf(remoteAddress, remotePort),
    ...(tls !== undefined && { security: securityOf(tls) }),
  };
}

function socketData(
  connection: ConnectionDescription,
  side: "client" | "server",
): MessageInitShape<typeof SocketDataSchema> {
  const { calls, messagesReceived, messagesSent } = connection;
  const { lastStartedAt } = calls;
  const { keepalivesSent, ...counters } = connection.counters;
  const streamCreated =
    side === "client" ? "lastLocalStreamCreatedTimestamp" : "lastRemoteStreamCreatedTimestamp";
  return {
    streamsStarted: BigInt(calls.started),
    streamsSucceeded: BigInt(calls.succeeded),
    streamsFailed: BigInt(calls.failed),
    messagesSent: BigInt(messagesSent),
    messagesReceived: BigInt(messagesReceived),
    keepAlivesSent: BigInt(keepalivesSent),
    ...(lastStartedAt !== undefined && { [streamCreated]: timestampFromMs(lastStartedAt) }),
    option: Object.entries(counters).map(([name, value]) => ({
      name,
      value: String(value),
    })),
  };
}

function addressOf(
  address: string | undefined,
  port: number | undefined,
): MessageInitShape<typeof AddressSchema> {
  const ipAddress = address === undefined ? undefined : ipBytes(address);
  if (ipAddress === undefined) {
    return { address: { case: "udsAddress", value: { filename: address ?? "" } } };
  }
  return { address: { case: "tcpipAddress", value: { ipAddress, port: port ?? 0 } } };
}

function boundAddress(text: string): MessageInitShape<typeof AddressSchema> {
  if (text.startsWith("/")) return addressOf(text, undefined);
  const parsed = parseAddress(text);
  return parsed.kind === "unix"
    ? addressOf(parsed.path, undefined)
    : addressOf(parsed.host, parsed.port);
}

function securityOf(tls: TlsDescription): MessageInitShape<typeof SecuritySchema> {
  const { cipher, localCertificate, remoteCertificate } = tls;
  return {
    model: {
      case: "tls",
      value: {
        cipherSuite: { case: "standardName", value: cipher },
        ...(localCertificate !== undefined && { localCertificate }),
        ...(remoteCertificate !== undefined && { remoteCertificate }),
      },
    },
  };
}
