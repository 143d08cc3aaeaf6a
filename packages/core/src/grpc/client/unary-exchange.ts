import { grpcFailure } from "../../errors/index.ts";
import {
  FrameBuffer,
  frameMessage,
  framePrefixBytes,
  type Frame,
  wholeFrame,
} from "../../encoding/framing/index.ts";
import { decompressMessage } from "../../encoding/compression/index.ts";
import type { ClientSession, H2Error, HeaderBlock, Stream, StreamListener } from "@kratosjs/h2";
import type { Context } from "../../context/index.ts";
import { clientTransport, HeaderMap } from "../../transport/index.ts";
import { resetCodes } from "../wire/reset-codes.ts";
import { CallControl, type CallControlParts, type Exchange } from "./call-control.ts";
import type { ClientRoute } from "./client-route.ts";
import { endOfCall, responseHead, type ResponseHead } from "./response.ts";

export interface UnaryParts extends CallControlParts {
  readonly route: ClientRoute;
}

interface Caller {
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/** Makes one unary call. */
export function callUnary(request: unknown, parts: UnaryParts): Promise<unknown> {
  return new Promise((resolve, reject) => {
    new UnaryExchange({ resolve, reject }, parts).begin(request);
  });
}

class UnaryExchange implements Exchange, StreamListener {
  readonly replayable = true;
  readonly #caller: Caller;
  readonly #route: ClientRoute;
  readonly #control: CallControl;
  #body: Uint8Array | undefined;
  #stream: Stream | undefined;
  #head: ResponseHead | undefined;
  #headersOnly = false;
  #first: Frame | undefined;
  #frames: FrameBuffer | undefined;

  constructor(caller: Caller, parts: UnaryParts) {
    this.#caller = caller;
    this.#route = parts.route;
    this.#control = new CallControl(this, parts);
  }

  begin(request: unknown): void {
    try {
      const frame = this.#route.frame(request);
      const compression = this.#route.compressionFor(frame.length - framePrefixBytes);
      if (compression === undefined) {
        this.#body = frame;
        this.#control.begin();
        return;
      }
      void this.#beginPacked(compression.compress(frame.subarray(framePrefixBytes)));
    } catch (error) {
      this.#caller.reject(error);
    }
  }

  async #beginPacked(packing: Promise<Uint8Array>): Promise<void> {
    try {
      this.#body = frameMessage(await packing, true);
      this.#control.begin();
    } catch (error) {
      this.#caller.reject(error);
    }
  }

  open(session: ClientSession, authority: string): void {
    const { context } = this.#control;
    const headers = this.#route.headers(authority, context.deadline, metadataOf(context));
    const body = this.#body;
    this.#stream = session.request(headers, this, {
      ...(body === undefined ? {} : { body }),
      endStream: true,
    });
    this.#control.sent();
  }

  onHeaders(headers: HeaderBlock, endStream: boolean): void {
    if (this.#control.over) return;
    const head = responseHead(headers);
    if (head === undefined) return;
    this.#head = head;
    if (endStream) {
      // Headers that are the end are trailers; nothing in them is a reply header.
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
    this.#stream?.consume(chunk.length);
    if (this.#control.over) return;
    try {
      this.#gather(chunk);
    } catch (error) {
      this.#control.fail(error);
    }
  }

  onEnd(trailers: HeaderBlock | undefined): void {
    if (!this.#headersOnly) this.#finish(trailers);
  }

  onDrain(): void {}

  onAbort(error: H2Error): void {
    this.#stream = undefined;
    this.#control.broken(error);
  }

  fail(error: unknown): void {
    this.#stream?.reset(resetCodes.cancel);
    this.#caller.reject(error);
  }

  #gather(chunk: Uint8Array): void {
    const { maxReceiveMessageBytes: maxMessageBytes } = this.#route.options;
    if (this.#first === undefined && this.#frames === undefined) {
      this.#first = wholeFrame(chunk, maxMessageBytes);
      if (this.#first !== undefined) return;
    }
    this.#frames ??= new FrameBuffer({ maxMessageBytes });
    this.#frames.push(chunk);
    const had = this.#first !== undefined;
    if (!had) this.#first = this.#frames.take();
    if (this.#first !== undefined && (had || this.#frames.size > 0)) {
      throw grpcFailure("UNIMPLEMENTED", "a unary answer must have one message: it has more");
    }
  }

  #finish(last: HeaderBlock | undefined): void {
    const control = this.#control;
    if (control.over) return;
    const failure = endOfCall(last, this.#headersOnly) ?? this.#missing();
    try {
      control.end(last, failure);
    } catch (error) {
      this.#caller.reject(error); // of the caller's own onTrailer
      return;
    }
    if (failure !== undefined) this.#caller.reject(failure);
    else this.#deliver();
  }

  #missing(): Error | undefined {
    if (this.#first !== undefined) return undefined;
    return (this.#frames?.size ?? 0) > 0
      ? grpcFailure("INTERNAL", "the answer ended within a message")
      : grpcFailure("UNIMPLEMENTED", "a unary answer must have one message: it has none");
  }

  #deliver(): void {
    const frame = this.#first;
    if (frame === undefined) return;
    this.#control.received();
    const { decode } = this.#route.format;
    if (frame.compressed) {
      const { maxReceiveMessageBytes: maxMessageBytes } = this.#route.options;
      const compression = this.#head?.compression;
      decompressMessage(frame.payload, { compression, maxMessageBytes })
        .then(decode)
        .then(this.#caller.resolve, this.#caller.reject);
      return;
    }
    try {
      this.#caller.resolve(decode(frame.payload));
    } catch (error) {
      this.#caller.reject(error);
    }
  }
}

/** The metadata the middleware has left to send. */
export function metadataOf(context: Context): HeaderMap {
  const header = clientTransport(context)?.requestHeader;
  if (header instanceof HeaderMap) return header;
  const copy = new HeaderMap();
  for (const name of header?.keys() ?? []) {
    for (const value of header?.values(name) ?? []) copy.add(name, value);
  }
  return copy;
}
