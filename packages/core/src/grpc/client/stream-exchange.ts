import { grpcFailure } from "../../errors/index.ts";
import { frameMessage, framePrefixBytes } from "../../encoding/framing/index.ts";
import type { Compression } from "../../encoding/compression/index.ts";
import type { ClientSession, H2Error, HeaderBlock, Stream, StreamListener } from "@kratosjs/h2";
import { isAsyncIterable } from "../../middleware/index.ts";
import { resetCodes } from "../wire/reset-codes.ts";
import { MessageInbox } from "../wire/message-inbox.ts";
import { WriteGate } from "../wire/write-gate.ts";
import { CallControl, type Exchange } from "./call-control.ts";
import type { ClientRoute } from "./client-route.ts";
import { endOfCall, responseHead } from "./response.ts";
import { metadataOf, type UnaryParts } from "./unary-exchange.ts";

/** Bytes of requests kept to be sent again, in case the peer turns out not to have processed them. */
const maxReplayBytes = 262_144;
const nothing = new Uint8Array(0);

/** Makes a call of which either side is a stream; answers a stream, or for client streaming its only reply. */
export function callStream(request: unknown, parts: UnaryParts): Promise<unknown> {
  const exchange = new StreamExchange(parts);
  exchange.begin(request);
  return parts.route.method.methodKind === "client_streaming"
    ? exchange.onlyReply()
    : Promise.resolve(exchange.replies);
}

class StreamExchange implements Exchange, StreamListener {
  readonly replies: MessageInbox;
  readonly #route: ClientRoute;
  readonly #control: CallControl;
  readonly #gate: WriteGate = new WriteGate();
  #compression: Compression | undefined;
  #stream: Stream | undefined;
  #requests: AsyncIterator<unknown> | undefined;
  /** What was sent, while it may have to be sent again. */
  #sent: Uint8Array[] | undefined = [];
  #sentBytes = 0;
  #halfClosed = false;
  #headersOnly = false;

  constructor(parts: UnaryParts) {
    const { route } = parts;
    this.#route = route;
    this.#control = new CallControl(this, parts);
    this.replies = new MessageInbox({
      maxMessageBytes: route.options.maxReceiveMessageBytes,
      compression: () => this.#compression,
      decode: (bytes) => {
        this.#control.received();
        return route.format.decode(bytes);
      },
      onConsumed: (bytes) => this.#stream?.consume(bytes),
      onAbandoned: () =>
        this.#control.fail(grpcFailure("CANCELLED", "the caller has left the stream")),
      onBroken: (error) => this.#control.fail(error),
    });
  }

  get replayable(): boolean {
    return this.#sent !== undefined;
  }

  begin(request: unknown): void {
    this.#control.begin();
    if (this.#control.over) return;
    const requests = isAsyncIterable(request) ? request[Symbol.asyncIterator]() : undefined;
    this.#requests = requests;
    void this.#sendAll(requests ?? only(request));
  }

  /** The reply of a call that has one. */
  async onlyReply(): Promise<unknown> {
    const first = await this.replies.next();
    if (first.done === true) throw wrongCount("none");
    const second = await this.replies.next();
    if (second.done === true) return first.value;
    await this.replies.return();
    throw wrongCount("more");
  }

  open(session: ClientSession, authority: string): void {
    const { context } = this.#control;
    const headers = this.#route.headers(authority, context.deadline, metadataOf(context));
    const stream = session.request(headers, this, { endStream: false });
    this.#stream = stream;
    for (const frame of this.#sent ?? []) {
      stream.write(frame, false);
      this.#control.sent();
    }
    if (this.#halfClosed) stream.write(nothing, true);
    this.#gate.open();
  }

  onHeaders(headers: HeaderBlock, endStream: boolean): void {
    if (this.#control.over) return;
    const head = responseHead(headers);
    if (head === undefined) return;
    this.#sent = undefined;
    this.#compression = head.compression;
    if (endStream) {
      this.#headersOnly = true;
      this.#finish(headers);
      return;
    }
    try {
      this.#control.head(head);
      if (head.failure !== undefined) throw head.failure();
    } catch (error) {
      this.#control.fail(error);
    }
  }

  onData(chunk: Uint8Array): void {
    this.replies.push(chunk);
  }

  onEnd(trailers: HeaderBlock | undefined): void {
    if (!this.#headersOnly) this.#finish(trailers);
  }

  onDrain(): void {
    this.#gate.open();
  }

  onAbort(error: H2Error): void {
    this.#stream = undefined;
    this.#control.broken(error);
  }

  fail(error: unknown): void {
    this.replies.fail(error);
    this.#stop();
  }

  #finish(last: HeaderBlock | undefined): void {
    if (this.#control.over) return;
    const failure = endOfCall(last, this.#headersOnly);
    let told: unknown = failure;
    try {
      this.#control.end(last, failure);
    } catch (error) {
      told ??= error; // of the caller's own onTrailer
    }
    this.replies.end(told);
    this.#stop();
  }

  /** Nothing more is sent; the source of the requests may clean up. */
  #stop(): void {
    this.#sent = undefined;
    if (this.#stream?.closed === false) this.#stream.reset(resetCodes.cancel);
    this.#gate.open();
    const requests = this.#requests;
    this.#requests = undefined;
    requests?.return?.().then(undefined, () => {});
  }

  /** Never rejects: a source that breaks ends the call. */
  async #sendAll(requests: AsyncIterator<unknown>): Promise<void> {
    try {
      while (!this.#control.over) {
        const { done, value } = await requests.next();
        if (this.#control.over) return;
        if (done === true) break;
        const sending = this.#send(await this.#pack(value));
        if (sending !== undefined) await sending;
      }
      this.#requests = undefined;
      this.#halfClosed = true;
      if (!this.#control.over) this.#stream?.write(nothing, true);
    } catch (error) {
      this.#requests = undefined;
      this.#control.fail(error);
    }
  }

  async #pack(request: unknown): Promise<Uint8Array> {
    const frame = this.#route.frame(request);
    const compression = this.#route.compressionFor(frame.length - framePrefixBytes);
    if (compression === undefined) return frame;
    return frameMessage(await compression.compress(frame.subarray(framePrefixBytes)), true);
  }

  #send(frame: Uint8Array): Promise<void> | undefined {
    this.#keep(frame);
    const stream = this.#stream;
    // Without a stream it goes out when there is one, with what is kept.
    if (stream === undefined) return this.#gate.passed();
    this.#control.sent();
    return stream.write(frame, false) ? undefined : this.#gate.passed();
  }

  #keep(frame: Uint8Array): void {
    if (this.#sent === undefined) return;
    this.#sentBytes += frame.length;
    // While there is no stream a first frame has to be kept whatever its size.
    if (this.#sentBytes > maxReplayBytes && this.#stream !== undefined) this.#sent = undefined;
    else this.#sent.push(frame);
  }
}

function wrongCount(count: string): Error {
  return grpcFailure("UNIMPLEMENTED", `the answer must have one message: it has ${count}`);
}

async function* only(request: unknown): AsyncGenerator<unknown> {
  yield request;
}
