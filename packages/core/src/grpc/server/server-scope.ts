import type { Context } from "../../context/index.ts";
import type { Compression } from "../wire/compression.ts";

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
  /** Streams that stand for ever and are ended when the server stops. */
  readonly standing: Set<StandingCall>;
}

/** A stream the server may end by itself. */
export interface StandingCall {
  end(): void;
}
