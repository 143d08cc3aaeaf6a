import type { HttpReply } from "../protocols/http-sender.ts";
import { noteTrailer } from "../protocols/reply-header.ts";
import { checkEnded, type ReplySource } from "../protocols/reply-stream.ts";
import type { RestCall } from "../protocols/rest-request.ts";

/** A download as a stream of google.api.HttpBody: a message for each piece, of the type of the answer. */
export class RawReplySource implements ReplySource {
  readonly ctx: RestCall["ctx"];
  readonly #reply: HttpReply;
  readonly #call: RestCall;
  readonly #contentType: string;

  constructor(reply: HttpReply, call: RestCall) {
    this.ctx = call.ctx;
    this.#reply = reply;
    this.#call = call;
    this.#contentType = reply.header.get("content-type");
  }

  async pull(): Promise<unknown> {
    checkEnded(this.ctx);
    const piece = await this.#reply.read();
    return piece && this.#call.plan.decode(piece, this.#contentType);
  }

  finish(error?: unknown): void {
    this.#reply.end(error);
    noteTrailer(this.ctx, this.#reply.trailer);
  }
}
