import { connectStream } from "./connect-stream.ts";
import { connectUnary } from "./connect-unary.ts";
import { isSafe } from "./connect-get.ts";
import type { Protocol } from "../protocol.ts";

/** Settings of the Connect protocol. */
export interface ConnectProtocolOptions {
  /** Whether methods that declare NO_SIDE_EFFECTS are called by GET, which caches understand. @default {false} */
  readonly get?: boolean;
}

/** Calls methods by the Connect protocol, https://connectrpc.com/docs/protocol. */
export function connectProtocol(options: ConnectProtocolOptions = {}): Protocol {
  const { get = false } = options;
  return (method, parts) =>
    method.methodKind === "unary"
      ? connectUnary(method, parts, { byGet: get && isSafe(method) })
      : connectStream(method, parts);
}
