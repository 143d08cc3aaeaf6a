import type { Context } from "../../context/index.ts";
import type { HeaderMap } from "../../transport/index.ts";

/** A request as a protocol makes it. */
export interface HttpRequest {
  readonly method: string;
  /** The path, and the query where there is one. */
  readonly path: string;
  readonly header: HeaderMap;
  /** Pieces are asked for when the request is on its way, and once: a request that has begun cannot be sent again. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

/** The head of an answer. */
export interface ReplyHead {
  readonly status: number;
  readonly header: HeaderMap;
}

/** An answer whose head has arrived. */
export interface HttpReply extends ReplyHead {
  /** What came after the body; empty before its end. */
  readonly trailer: HeaderMap;
  /** The next piece of the body; undefined at its end. One reader at a time. @throws {KratosError} */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Tells that the call is over, and the error it ended with; a body that is not at its end is given up.
   * Has to be called once.
   */
  end(error?: unknown): void;
}

/** Puts requests on a wire: what a protocol needs of Node or of a browser. */
export interface HttpSender {
  /** Whether a body can be sent in pieces. */
  readonly streamsRequests: boolean;
  /** Resolves with the head of the answer. @throws {KratosError} 503, 504 or 499 without an answer. */
  send(request: HttpRequest, ctx: Context): Promise<HttpReply>;
}
