import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Context } from "../../context/index.ts";
import type { Wrap } from "../../middleware/index.ts";
import type { Header } from "../../transport/index.ts";

/**
 * One request and its answer, on whatever wire it came: what filters and raw handlers work with.
 * An answer is either one `reply`, or `begin`, `write`s and `end`.
 */
export interface Exchange {
  readonly method: string;
  /** The path and query as sent, percent-encoded. */
  readonly target: string;
  /** The version of HTTP it came in. */
  readonly httpVersion: "1.0" | "1.1" | "2";
  /** Whether it came over TLS, as far as the server or a proxy it trusts can tell. */
  readonly secure: boolean;
  /** The host and port the client asked for, "" when it did not say. */
  readonly host: string;
  /** The client's address, as far as the proxies that are trusted tell; "" when it is not known. */
  readonly remoteAddress: string;
  /** The address at the other end of the connection, which may be a proxy's; "" when it is not known. */
  readonly peerAddress: string;
  /** Names and values in turn, in the peer's order and case. */
  readonly rawHeaders: readonly string[];
  /** A view of the request's headers; changes are seen by all who look later. */
  readonly requestHeader: Header;
  /** Headers that are sent with the answer, whoever gives it. Line breaks and framing headers are refused. */
  readonly replyHeader: Header;
  /** Whether the request announces a body. */
  readonly hasBody: boolean;
  /** Whether an answer has begun. */
  readonly answered: boolean;
  /** Whether the exchange is over: answered to the end, or the peer has left. */
  readonly closed: boolean;
  /** The request and response of node:http, on wires that have them. */
  readonly node: NodeMessages | undefined;
  /** The connection, where the peer asks to go on as a WebSocket. Whoever does not take it answers as always. */
  readonly upgrade?: UpgradeOffer | undefined;
  /** Reads the body whole. Rejects with a KratosError: 413 over the limit, 499 when the peer leaves. */
  readBody(maxBytes: number): Promise<Uint8Array>;
  /**
   * Reads the body as it comes, no faster than it is asked for; the parts are the reader's to keep. Fails
   * with a KratosError: 413 over the limit, 499 when the peer leaves. Leaving the loop throws the rest away.
   * The coding of the content is left as it is. The server's time for whole requests does not end it: it may
   * take as long as some of it comes within the server's `bodyIdleTimeoutMs`, else it fails with a 408. Without a
   * limit the body is a stream, which may be silent as long as both want.
   */
  body(maxBytes?: number): AsyncIterable<Uint8Array>;
  /** Sends the answer in one write. */
  reply(answer: Answer): void;
  /** Sends the head of an answer whose length is not known. */
  begin(head: AnswerHead): void;
  /** Sends a part of the body; false asks to wait for `drained` before the next. */
  write(chunk: Uint8Array | string): boolean;
  /** Resolves when the wire takes more, or the exchange is over. */
  drained(): Promise<void>;
  /** Ends an answer that was begun. */
  end(): void;
  /** Cuts the exchange: the peer sees that the answer is not whole. */
  destroy(): void;
  /** Calls the listener once when the exchange is over. */
  onClose(listener: () => void): void;
}

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** Names and values in turn. @default {[]} */
  readonly headers?: readonly string[];
}

/** An answer as a whole. */
export interface Answer extends AnswerHead {
  /** Text is sent as UTF-8. @default none */
  readonly body?: Uint8Array | string | undefined;
}

/** A connection that can be taken over. */
export interface UpgradeOffer {
  /** What the peer has sent after the head of its request. */
  readonly head: Uint8Array;
  /** Takes the connection: the exchange counts as answered, and is over when the connection closes. */
  take(): Duplex;
}

/** What node:http hands to a listener. */
export interface NodeMessages {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers an exchange; settles when it is done with it. The context ends when the peer leaves. */
export type ExchangeHandler = (exchange: Exchange, ctx: Context) => Promise<void> | void;

/** A layer around the whole router, or around a route: raw HTTP, before and after everything else. */
export type Filter = Wrap<ExchangeHandler>;
