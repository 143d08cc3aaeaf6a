import type { Compression } from "../../encoding/compression/index.ts";
import type { Context } from "../../context/index.ts";
import type { Traffic } from "../describe/traffic.ts";
import type { LiveCalls } from "./live-calls.ts";

/** What the calls of a connection share; all but the traffic is the server's. */
export interface ServerScope {
  /** The root of every call's context. */
  readonly parent: Context;
  /** The advertised URL. */
  readonly endpoint: string;
  /** Milliseconds for a unary call; 0 is no limit. */
  readonly timeoutMs: number;
  readonly maxReceiveMessageBytes: number;
  readonly maxSendMessageBytes: number;
  /** How replies are packed: by a given compression, as the request came, or not at all. */
  readonly compression: Compression | "mirror" | undefined;
  /** Smaller replies are sent as they are. */
  readonly compressMinBytes: number;
  /** The calls under way. */
  readonly live: LiveCalls;
  /** What goes over the connection. */
  readonly traffic: Traffic;
}
