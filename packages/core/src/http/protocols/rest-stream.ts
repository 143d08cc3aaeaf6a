import { encodeUtf8 } from "../../encoding/index.ts";
import { RawReplySource } from "../files/raw-reply-source.ts";
import { withFields } from "../sse/sse-fields.ts";
import { SseParser } from "../sse/sse-parser.ts";
import type { HttpReply } from "./http-sender.ts";
import { LineParser } from "./line-parser.ts";
import { noteTrailer } from "./reply-header.ts";
import { checkEnded, type ReplySource, ReplyStream } from "./reply-stream.ts";
import { notDecoded, replyTooLarge, streamError } from "./rest-error.ts";
import type { RestCall } from "./rest-request.ts";

/** How a stream of replies looks over REST. */
export type RestStreamForm = "sse" | "ndjson";

/** The content types of the forms. */
export const restStreamTypes: Readonly<Record<RestStreamForm, string>> = {
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
};

/** One message or the error of a stream, as JSON text. */
interface StreamItem {
  readonly name: string;
  readonly data: string;
  /** The last id the stream gave. */
  readonly id?: string;
}

/** Reads an answer as the stream its Content-Type says it is. @throws {KratosError} If it is none. */
export function openRestStream(reply: HttpReply, call: RestCall): ReplyStream {
  if (call.plan.isRawReply) return new ReplyStream(new RawReplySource(reply, call));
  const contentType = reply.header.get("content-type");
  const maxLength = call.parts.maxMessageBytes;
  const parse = parserOf(contentType, maxLength);
  if (parse === undefined) throw notDecoded(new TypeError(`a stream of "${contentType}"`));
  return new ReplyStream(new RestSource(reply, { call, parse }));
}

type Parse = (text: string) => readonly StreamItem[];

function parserOf(contentType: string, maxLength: number): Parse | undefined {
  if (contentType.startsWith(restStreamTypes.sse)) {
    const parser = new SseParser({ maxEventLength: maxLength });
    return (text) => parser.push(text);
  }
  if (!/^application\/(x-)?ndjson\b/.test(contentType)) return undefined;
  const parser = new LineParser({ maxLength });
  return (text) => parser.push(text).map(lineItem);
}

class RestSource implements ReplySource {
  readonly ctx: RestCall["ctx"];
  readonly #reply: HttpReply;
  readonly #call: RestCall;
  readonly #parse: Parse;
  readonly #text: InstanceType<typeof TextDecoder> = new TextDecoder();
  #items: readonly StreamItem[] = [];
  #at = 0;

  constructor(
    reply: HttpReply,
    { call, parse }: { readonly call: RestCall; readonly parse: Parse },
  ) {
    this.ctx = call.ctx;
    this.#reply = reply;
    this.#call = call;
    this.#parse = parse;
  }

  async pull(): Promise<unknown> {
    checkEnded(this.ctx);
    for (;;) {
      const item = this.#items[this.#at];
      if (item !== undefined) {
        this.#at += 1;
        if (item.name === "error") throw streamError(item.data, this.#call.parts.codecs);
        if (item.name === "message") return this.#decode(item);
        continue;
      }
      const chunk = await this.#reply.read();
      if (chunk === undefined) return undefined;
      this.#at = 0;
      this.#items = this.#parsed(this.#text.decode(chunk, { stream: true }));
    }
  }

  finish(error?: unknown): void {
    this.#reply.end(error);
    noteTrailer(this.ctx, this.#reply.trailer);
  }

  #parsed(text: string): readonly StreamItem[] {
    try {
      return this.#parse(text);
    } catch (cause) {
      throw replyTooLarge(this.#call.parts.maxMessageBytes, cause);
    }
  }

  #decode({ data, id = "" }: StreamItem): unknown {
    try {
      const message = this.#call.plan.decode(encodeUtf8(data), "application/json");
      return id === "" ? message : withFields(message, { id });
    } catch (error) {
      throw notDecoded(error);
    }
  }
}

/** A line is a message, or an object with nothing but the error the stream ends with. */
function lineItem(line: string): StreamItem {
  const error = /^\{"error":(\{.*\})\}$/s.exec(line)?.[1];
  return error === undefined ? { name: "message", data: line } : { name: "error", data: error };
}
