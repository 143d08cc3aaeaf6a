import type { Context } from "../../context/index.ts";
import type { Node } from "../../selector/index.ts";
import type { HeaderMap } from "../../transport/index.ts";
import type { HttpRequest, ReplyHead } from "../protocols/index.ts";

/** Who is told of an answer as it arrives; the calls come in this order, the last one exactly once. */
export interface WireListener {
  onHead(head: ReplyHead): void;
  /** False asks for a pause until `resume`. The bytes are the listener's. */
  onData(chunk: Uint8Array): boolean;
  /** The answer is whole. */
  onEnd(trailer: HeaderMap): void;
  /** The answer breaks off. */
  onBroken(error: unknown): void;
  /** The call has ended on this side: what has arrived is not wanted any more. */
  onCut(reason: unknown): void;
}

/** One request under way, and what a retry has to know of it. */
export interface Wire {
  /** Whether the request was put on a connection. */
  readonly bytesSent: boolean;
  readonly bytesReceived: boolean;
  /** Whether the peer said that it has not looked at the request. */
  readonly unprocessed: boolean;
  /** Lets a paused answer go on. */
  resume(): void;
  /** Ends the call, with a reason that is told the listener. */
  abort(reason: unknown): void;
}

/** One attempt at a request. */
export interface Attempt {
  readonly node: Node;
  readonly request: HttpRequest;
  readonly context: Context;
}

/** The connections of a client, of one version of HTTP. */
export interface Wires {
  /** Sends a request; it ends with the context. */
  send(attempt: Attempt, listener: WireListener): Wire;
  /** Closes the connections to all other nodes, once their calls have ended. */
  retain(nodes: readonly Node[]): void;
  /** Closes all connections; calls under way fail. */
  close(): Promise<void>;
}
