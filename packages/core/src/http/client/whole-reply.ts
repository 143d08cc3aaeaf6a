import { KratosError } from "../../errors/index.ts";
import type { ReplyHead, WireListener } from "./wire-call.ts";

/** An answer with all of its body. */
export interface WholeReply extends ReplyHead {
  readonly body: Uint8Array;
}

/** Gathers an answer, up to a limit. */
export class WholeReplyReader implements WireListener {
  readonly reply: Promise<WholeReply>;
  readonly #limits: { readonly maxBytes: number; readonly onTooLarge: (error: unknown) => void };
  readonly #chunks: Uint8Array[] = [];
  #head: ReplyHead | undefined;
  #size = 0;
  #resolve: (reply: WholeReply) => void = ignore;
  #reject: (error: unknown) => void = ignore;

  /** `onTooLarge` has to end the call. */
  constructor(limits: {
    readonly maxBytes: number;
    readonly onTooLarge: (error: unknown) => void;
  }) {
    this.#limits = limits;
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  onHead(head: ReplyHead): void {
    this.#head = head;
  }

  onData(chunk: Uint8Array): boolean {
    this.#size += chunk.length;
    const { maxBytes, onTooLarge } = this.#limits;
    if (this.#size <= maxBytes) this.#chunks.push(chunk);
    else onTooLarge(replyTooLarge(maxBytes));
    return true;
  }

  onEnd(error: unknown): void {
    const head = this.#head;
    if (error === undefined && head !== undefined) {
      const [first] = this.#chunks;
      const body =
        this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
      this.#resolve({ status: head.status, header: head.header, body });
    } else {
      this.#reject(error);
    }
  }
}

/** The answer would not fit the memory it may take. */
export function replyTooLarge(maxBytes: number): KratosError {
  return new KratosError(`the reply is larger than ${maxBytes} bytes`, {
    code: 500,
    reason: "REPLY_TOO_LARGE",
  });
}

function ignore(): void {
  // stands until the promise's own functions are there
}
