import { frameMessage } from "../../encoding/framing/index.ts";
import type { BoundOperation } from "../server/bound-operation.ts";
import { replyStream } from "../server/reply-stream.ts";
import type { RouteParts } from "../server/route.ts";
import { type CallPlan, ServerCall } from "../server/server-call.ts";
import { shorterTimeout } from "../server/shorter-timeout.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { CallEnd, EnvelopeWire } from "./envelope-wire.ts";
import { onlyMessage, RequestMessages } from "./request-messages.ts";
import { wholeBody } from "./whole-body.ts";

/** What all enveloped calls of a method share. */
export interface EnvelopedMethod {
  readonly bound: BoundOperation;
  readonly plan: CallPlan;
  readonly maxMessageBytes: number;
  /** Smaller messages are sent as they are. */
  readonly compressMinBytes: number;
}

/** One call whose messages travel in envelopes. Nothing is read or written ahead of the handler and the peer. */
export class EnvelopedCall {
  readonly #method: EnvelopedMethod;
  readonly #wire: EnvelopeWire;
  readonly #exchange: Exchange;
  readonly #call: ServerCall;
  readonly #requests: RequestMessages;
  #replies: AsyncIterator<unknown> | undefined;
  #over = false;

  constructor(
    exchange: Exchange,
    parts: RouteParts,
    options: { readonly method: EnvelopedMethod; readonly wire: EnvelopeWire },
  ) {
    const { method, wire } = options;
    this.#method = method;
    this.#wire = wire;
    this.#exchange = exchange;
    this.#requests = new RequestMessages(wire.unwrap(bodyOf(exchange, method)), {
      maxMessageBytes: method.maxMessageBytes,
      compression: wire.requestCompression,
      decode: wire.format.decode,
    });
    this.#call = new ServerCall(exchange, parts.ctx, {
      ...method.plan,
      timeoutMs: timeoutOf(method, wire),
      answerError: (error) => this.#close(error),
    });
    if (method.bound.operation.method.methodKind !== "unary") this.#endWithServer();
    exchange.onClose(() => {
      if (!this.#over) this.#stop(new DOMException("the peer has left", "AbortError"));
    });
  }

  /** All that breaks ends the call; rejects only where not even that can be sent. */
  async serve(): Promise<void> {
    const { bound } = this.#method;
    const { methodKind } = bound.operation.method;
    try {
      const one = takesOne(bound);
      const request = one ? await onlyMessage(this.#requests) : this.#requests;
      const reply = await bound.handler(request, this.#call.context);
      if (methodKind === "unary" || methodKind === "client_streaming") await this.#sendOnly(reply);
      else await this.#sendAll(replyStream(reply));
    } catch (error) {
      this.#call.fail(error);
      if (!this.#exchange.answered && !this.#exchange.closed) throw error;
    }
  }

  /** Streams are told that the server ends; a caller who has left hears nothing of it. */
  #endWithServer(): void {
    const { signal } = this.#call.context;
    signal.addEventListener("abort", () => this.#call.fail(signal.reason), { once: true });
  }

  async #sendAll(replies: AsyncIterable<unknown>): Promise<void> {
    const iterator = replies[Symbol.asyncIterator]();
    this.#replies = iterator;
    if (this.#over) return leave(iterator);
    for (let item = await iterator.next(); item.done !== true; item = await iterator.next()) {
      const envelope = await this.#envelope(item.value);
      if (this.#over) return;
      this.#begin();
      if (!this.#exchange.write(this.#wire.wrap(envelope))) await this.#exchange.drained();
      if (this.#over) return;
    }
    this.#replies = undefined;
    if (this.#call.settle()) this.#close();
  }

  /** The message and the end in one write. */
  async #sendOnly(reply: unknown): Promise<void> {
    const envelope = await this.#envelope(reply);
    if (!this.#call.settle()) return;
    const closing = this.#wire.closing(this.#end());
    const body = this.#wire.wrap(Buffer.concat([envelope, closing]));
    this.#exchange.reply({ status: 200, headers: this.#wire.headers, body });
    this.#stop(ended);
  }

  async #envelope(message: unknown): Promise<Uint8Array> {
    const { format, replyCompression } = this.#wire;
    const bytes = format.encode(message);
    if (replyCompression === undefined || bytes.length < this.#method.compressMinBytes) {
      return frameMessage(bytes, false);
    }
    return frameMessage(await replyCompression.compress(bytes), true);
  }

  #begin(): void {
    if (this.#exchange.answered) return;
    this.#exchange.begin({ status: 200, headers: this.#wire.headers });
  }

  /** Writes the end; the right to do so has been taken. */
  #close(error?: unknown): void {
    const wire = this.#wire;
    const exchange = this.#exchange;
    const end = this.#end(error);
    // Metadata of its own stays apart from the trailers.
    const bare = exchange.answered || exchange.replyHeader.keys().length > 0;
    const headers = bare ? undefined : wire.closingHeaders?.(end);
    if (headers !== undefined) {
      exchange.reply({ status: 200, headers });
    } else if (exchange.answered) {
      exchange.write(wire.wrap(wire.closing(end)));
      exchange.end();
    } else {
      exchange.reply({ status: 200, headers: wire.headers, body: wire.wrap(wire.closing(end)) });
    }
    this.#stop(error ?? ended);
  }

  #end(error?: unknown): CallEnd {
    const trailers = this.#call.trailerFields;
    return error === undefined ? { trailers } : { error, trailers };
  }

  /** Lets go of both streams; what they make of that is nobody's concern any more. */
  #stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#requests.fail(reason);
    if (this.#replies !== undefined) leave(this.#replies);
  }
}

/** A request of one message is as any other body; streams last, each message in its limit. */
function bodyOf(
  exchange: Exchange,
  { bound, maxMessageBytes }: EnvelopedMethod,
): AsyncIterable<Uint8Array> {
  if (!takesOne(bound)) return exchange.body();
  // Base64 makes four bytes of three, and a second message is to be told from one too large.
  return wholeBody(exchange, 2 * maxMessageBytes + 1024);
}

function takesOne({ operation }: BoundOperation): boolean {
  const { methodKind } = operation.method;
  return methodKind === "unary" || methodKind === "server_streaming";
}

const ended = /* @__PURE__ */ new DOMException("the call has ended", "AbortError");

/** The caller's time; unary calls have the server's as well. */
function timeoutOf({ bound, plan }: EnvelopedMethod, { timeoutMs }: EnvelopeWire): number {
  const own = bound.operation.method.methodKind === "unary" ? plan.timeoutMs : 0;
  return shorterTimeout(own, timeoutMs);
}

function leave(replies: AsyncIterator<unknown>): void {
  replies.return?.().then(undefined, () => {});
}
