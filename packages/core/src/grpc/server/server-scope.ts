import type { Context } from "../../context/index.ts";
import type { Compression } from "../wire/compression.ts";
import type { LiveCalls } from "./live-calls.ts";

/** What all calls of a server share while it runs. */
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
}
