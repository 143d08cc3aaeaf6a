import type { Header } from "../transport/index.ts";

/** How a call to a node ended. */
export interface DoneInfo {
  /** What the call failed with; undefined when it succeeded. */
  readonly error?: unknown;
  /**
   * No connection to the address came about: refused, or timed out while connecting. The selector then
   * passes the node over for a while. Nothing was sent, so another node may be tried. @default {false}
   */
  readonly unreachable?: boolean;
  /** Whether anything was sent. @default {false} */
  readonly bytesSent?: boolean;
  /** Whether anything came back. @default {false} */
  readonly bytesReceived?: boolean;
  /** The trailers of a gRPC call, the headers of an HTTP one. */
  readonly replyHeader?: Header;
}

/** Tells how the call ended; to be called once, later calls do nothing. */
export type Done = (info: DoneInfo) => void;
