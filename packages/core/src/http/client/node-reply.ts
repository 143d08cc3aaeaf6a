import type { Done } from "../../selector/index.ts";
import type { HeaderMap } from "../../transport/index.ts";
import type { HttpReply, ReplyHead } from "../protocols/index.ts";
import type { ReplyInbox } from "./reply-inbox.ts";
import { transportError } from "./transport-error.ts";
import type { Wire } from "./wire.ts";

/** What an answer holds on to until its call is over. */
export interface NodeReplyParts {
  readonly inbox: ReplyInbox;
  readonly wire: Wire;
  /** Tells the selector how the call ended. */
  readonly done: Done;
}

/** An answer of a node. */
export class NodeReply implements HttpReply {
  readonly status: number;
  readonly header: HeaderMap;
  readonly #parts: NodeReplyParts;

  constructor({ status, header }: ReplyHead, parts: NodeReplyParts) {
    this.status = status;
    this.header = header;
    this.#parts = parts;
  }

  get trailer(): HeaderMap {
    return this.#parts.inbox.trailer;
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      return await this.#parts.inbox.next();
    } catch (error) {
      throw transportError(error);
    }
  }

  end(error?: unknown): void {
    const { inbox, wire, done } = this.#parts;
    if (!inbox.isWhole) wire.abort(left());
    const ended = { bytesSent: true, bytesReceived: true, replyHeader: this.header };
    done(error === undefined ? ended : { ...ended, error });
  }
}

let reason: DOMException | undefined;

/** One for all calls: making an exception costs more than the rest of a call's end. */
function left(): DOMException {
  reason ??= new DOMException("the answer was left", "AbortError");
  return reason;
}
