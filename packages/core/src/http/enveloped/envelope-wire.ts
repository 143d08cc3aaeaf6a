import type { Compression } from "../../encoding/compression/index.ts";
import type { RpcFormat } from "../server/rpc-format.ts";

/** How messages travel in envelopes in one call, as its headers have agreed on. */
export interface EnvelopeWire {
  readonly format: RpcFormat;
  /** Milliseconds the caller waits; undefined when it did not say. */
  readonly timeoutMs: number | undefined;
  /** How requests with the compression flag are packed. */
  readonly requestCompression: Compression | undefined;
  readonly replyCompression: Compression | undefined;
  /** Of the answer, names and values in turn. */
  readonly headers: readonly string[];
  /** Takes the envelopes out of the body. */
  unwrap(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Puts envelopes into the body. */
  wrap(envelopes: Uint8Array): Uint8Array | string;
  /** Makes the envelope that ends the answer, well or with an error. */
  closing(end: CallEnd): Uint8Array;
  /** Makes the headers of an answer that is nothing but its end; undefined where an envelope says so. */
  closingHeaders?(end: CallEnd): readonly string[];
}

/** How a call ends. */
export interface CallEnd {
  /** Undefined when it went well. */
  readonly error?: unknown;
  /** Names and values in turn. */
  readonly trailers: readonly string[];
}
