import { TextDecoder } from "node:util";
import type { Message } from "@bufbuild/protobuf";
import { StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import { encodeUtf8 } from "../../encoding/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { fromStatusMessage, KratosError } from "../../errors/index.ts";
import { callOptions } from "../../rpc/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import { type SseEvent, SseParser } from "../sse/sse-parser.ts";
import type { Sent } from "./call-sender.ts";
import { type CallParts, noteHeader, outgoing } from "./outgoing.ts";
import { statusError, transportError } from "./reply-error.ts";
import { StreamInbox } from "./stream-inbox.ts";
import { notDecoded } from "./unary-call.ts";
import { replyTooLarge } from "./whole-reply.ts";
import type { ReplyHead } from "./wire-call.ts";

interface Opened {
  readonly head: ReplyHead;
  readonly inbox: StreamInbox;
}

/** Makes a server-streaming call. Resolves when the stream has begun. @throws {KratosError} */
export async function sendStream(
  message: Message,
  parts: CallParts,
): Promise<AsyncIterable<Message>> {
  const { ctx, sender } = parts;
  const sent = await sender.send<Opened>(ctx, outgoing(message, parts), (_end, wire) => {
    const inbox = new StreamInbox(() => wire().resume());
    return { listener: inbox, outcome: inbox.head.then((head) => ({ head, inbox })) };
  });
  const { head } = sent.outcome;
  noteHeader(ctx, head.header);
  const events = new EventStream(sent, parts);
  const contentType = head.header.get("content-type");
  if (head.status < 200 || head.status > 299) throw await events.fail(await refusal(sent, parts));
  if (!contentType.startsWith("text/event-stream")) {
    throw await events.fail(notDecoded(new TypeError(`a stream of "${contentType}"`)));
  }
  return { [Symbol.asyncIterator]: () => events };
}

/** The messages of a stream of events. Leaving it ends the call. */
class EventStream implements AsyncIterator<Message> {
  readonly #sent: Sent<Opened>;
  readonly #parts: CallParts;
  readonly #text: TextDecoder = new TextDecoder();
  readonly #parser: SseParser;
  #events: SseEvent[] = [];
  #isOver = false;

  constructor(sent: Sent<Opened>, parts: CallParts) {
    this.#sent = sent;
    this.#parts = parts;
    this.#parser = new SseParser({ maxEventLength: parts.maxResponseBytes });
  }

  async next(): Promise<IteratorResult<Message>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const event = await this.#nextEvent();
      if (event === undefined) return this.#finish();
      if (event.name === "error") throw streamError(event.data);
      return { done: false, value: this.#decode(event.data) };
    } catch (error) {
      throw await this.fail(transportError(error));
    }
  }

  async return(): Promise<IteratorResult<Message>> {
    return this.#finish();
  }

  /** Ends the call as failed; answers the error. */
  async fail(error: KratosError): Promise<KratosError> {
    this.#finish(error);
    return error;
  }

  async #nextEvent(): Promise<SseEvent | undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined && (event.name === "message" || event.name === "error")) return event;
      if (event !== undefined) continue;
      const chunk = await this.#sent.outcome.inbox.next();
      if (chunk === undefined) return undefined;
      this.#events = this.#parse(this.#text.decode(chunk, { stream: true }));
    }
  }

  #parse(text: string): SseEvent[] {
    try {
      return this.#parser.push(text);
    } catch {
      throw replyTooLarge(this.#parts.maxResponseBytes);
    }
  }

  #decode(data: string): Message {
    try {
      return this.#parts.plan.decode(encodeUtf8(data), "application/json");
    } catch (error) {
      throw notDecoded(error);
    }
  }

  #finish(error?: KratosError): IteratorResult<Message> {
    if (!this.#isOver) {
      this.#isOver = true;
      const { wire, done, outcome } = this.#sent;
      wire.abort(new DOMException("the stream was left", "AbortError"));
      const ended = { bytesSent: true, bytesReceived: true, replyHeader: outcome.head.header };
      done(error === undefined ? ended : { ...ended, error });
      callOptions(this.#parts.ctx).onTrailer?.(new HeaderMap());
    }
    return { done: true, value: undefined };
  }
}

/** The error of an answer that is no stream. */
async function refusal(
  { outcome }: Sent<Opened>,
  { codecs, maxResponseBytes }: CallParts,
): Promise<KratosError> {
  const { head, inbox } = outcome;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = await inbox.next(); chunk !== undefined; chunk = await inbox.next()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxResponseBytes) throw replyTooLarge(maxResponseBytes);
    }
  } catch (error) {
    return transportError(error);
  }
  const contentType = head.header.get("content-type");
  return statusError(Buffer.concat(chunks), { status: head.status, contentType, codecs });
}

function streamError(data: string): KratosError {
  try {
    const status = jsonCodec().decoder(StatusSchema)(encodeUtf8(data));
    return fromStatusMessage(status, status.code === 0 ? 500 : status.code);
  } catch (cause) {
    return new KratosError(data, { cause });
  }
}
