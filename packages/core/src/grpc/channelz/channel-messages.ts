import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ChannelConnectivityState_State as State,
  type ChannelDataSchema,
  type ChannelSchema,
  type SubchannelSchema,
} from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { formatHostPort } from "../../transport/index.ts";
import type {
  CallCounts,
  ClientDescription,
  ConnectivityState,
  SubchannelDescription,
} from "../describe/description.ts";

/** A client as channelz has it. */
export function channelMessage(client: ClientDescription): MessageInitShape<typeof ChannelSchema> {
  return {
    ref: { channelId: BigInt(client.id), name: client.target },
    data: dataOf(client, client.target),
    subchannelRef: client.subchannels.map(({ id, address }) => ({
      subchannelId: BigInt(id),
      name: address,
    })),
  };
}

/** The connections to one address as channelz has them. */
export function subchannelMessage(
  subchannel: SubchannelDescription,
): MessageInitShape<typeof SubchannelSchema> {
  return {
    ref: { subchannelId: BigInt(subchannel.id), name: subchannel.address },
    data: dataOf(subchannel, subchannel.address),
    socketRef: subchannel.connections.map((connection) => ({
      socketId: BigInt(connection.id),
      name: socketName(connection),
    })),
  };
}

/** Names a connection by both its ends. */
export function socketName(ends: {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}): string {
  const { localAddress, localPort, remoteAddress, remotePort } = ends;
  if (remoteAddress === undefined) return "unix";
  const local = formatHostPort(localAddress ?? "", localPort ?? 0);
  return `${local} -> ${formatHostPort(remoteAddress, remotePort ?? 0)}`;
}

/** Calls as every message of channelz counts them. */
export function callFields(calls: CallCounts): {
  readonly callsStarted: bigint;
  readonly callsSucceeded: bigint;
  readonly callsFailed: bigint;
  readonly lastCallStartedTimestamp?: ReturnType<typeof timestampFromMs>;
} {
  const { started, succeeded, failed, lastStartedAt } = calls;
  return {
    callsStarted: BigInt(started),
    callsSucceeded: BigInt(succeeded),
    callsFailed: BigInt(failed),
    ...(lastStartedAt !== undefined && {
      lastCallStartedTimestamp: timestampFromMs(lastStartedAt),
    }),
  };
}

function dataOf(
  part: {
    readonly state: ConnectivityState;
    readonly createdAt: number;
    readonly calls: CallCounts;
  },
  target: string,
): MessageInitShape<typeof ChannelDataSchema> {
  return {
    state: { state: State[part.state] },
    target,
    trace: { creationTimestamp: timestampFromMs(part.createdAt) },
    ...callFields(part.calls),
  };
}
