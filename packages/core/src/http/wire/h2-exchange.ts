import { errorCodes, type HeaderBlock, type Stream, type StreamListener } from "@kratosjs/h2";
import type { Header } from "../../transport/index.ts";
import type { Answer, AnswerHead, Exchange } from "./exchange.ts";
import { type BodyTimes, H2Body } from "./h2-body.ts";
import { replyFields, wholeReplyFields } from "./h2-reply-fields.ts";
import type { H2Request } from "./h2-request.ts";
import { firstLine } from "./header-lines.ts";
import { aborted, checkBody } from "./read-body.ts";
import { ReplyHeader } from "./reply-header.ts";
import { RequestHeader } from "./request-header.ts";

const none: readonly string[] = [];
const nothing: Uint8Array = new Uint8Array(0);

/** What an exchange over HTTP/2 is made of. */
export interface H2ExchangeParts extends BodyTimes {
  readonly request: H2Request;
  /** The request has no body. */
  readonly ended: boolean;
  /** Hears of the end. */
  readonly connections: { endStream(exchange: H2Exchange): void };
}

/** An exchange over HTTP/2: one stream of the engine. */
export class H2Exchange implements Exchange, StreamListener {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  /** Epoch milliseconds. */
  readonly startedAt: number = Date.now();
  place = -1;
  readonly #stream: Stream;
  readonly #request: H2Request;
  readonly #body: H2Body | undefined;
  readonly #connections: H2ExchangeParts["connections"];
  #requestHeader: RequestHeader | undefined;
  #replyHeader: ReplyHeader | undefined;
  #closeListeners: (() => void)[] | undefined;
  #wake: (() => void) | undefined;
  #answered = false;
  #closed = false;
  #full = false;

  constructor(stream: Stream, parts: H2ExchangeParts) {
    const { request, ended, connections } = parts;
    this.method = request.method;
    this.target = request.target;
    this.rawHeaders = request.rawHeaders;
    this.#stream = stream;
    this.#request = request;
    this.#connections = connections;
    this.#body = ended ? undefined : new H2Body(stream, parts);
  }

  get node(): undefined {
    return undefined;
  }

  get httpVersion(): "2" {
    return "2";
  }

  get secure(): boolean {
    return this.#stream.session.encrypted;
  }

  get host(): string {
    return firstLine(this.rawHeaders, "host") ?? "";
  }

  get remoteAddress(): string {
    return this.peerAddress;
  }

  get peerAddress(): string {
    return this.#stream.session.remoteAddress ?? "";
  }

  get requestHeader(): Header {
    this.#requestHeader ??= new RequestHeader(this.rawHeaders);
    return this.#requestHeader;
  }

  get replyHeader(): Header {
    this.#replyHeader ??= new ReplyHeader();
    return this.#replyHeader;
  }

  get hasBody(): boolean {
    return this.#body !== undefined && this.#request.contentLength !== 0;
  }

  get answered(): boolean {
    return this.#answered;
  }

  get closed(): boolean {
    return this.#closed;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    if (this.#body === undefined) return Promise.resolve(nothing);
    try {
      checkBody(this.rawHeaders, maxBytes);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#body.read(maxBytes);
  }

  body(maxBytes: number = Infinity): AsyncIterable<Uint8Array> {
    return this.#body === undefined ? noParts() : this.#body.parts(maxBytes);
  }

  reply({ status, headers = none, body = nothing }: Answer): void {
    if (!this.#mayAnswer()) return;
    const all = this.#replyHeader === undefined ? headers : this.#replyHeader.appendTo(headers);
    const bytes = bytesOf(body);
    const bodiless = status === 204 || status === 304;
    const fields = wholeReplyFields(status, all, bodiless ? undefined : bytes.length);
    this.#answered = true;
    if (bodiless || bytes.length === 0 || this.method === "HEAD") {
      this.#stream.sendHeaders(fields, true);
    } else {
      this.#stream.respond(fields, bytes, undefined);
    }
    this.#finish();
  }

  begin({ status, headers = none }: AnswerHead): void {
    if (!this.#mayAnswer()) return;
    const all = this.#replyHeader === undefined ? headers : this.#replyHeader.appendTo(headers);
    const bodiless = this.method === "HEAD" || status === 204 || status === 304;
    const fields = replyFields(status, all, { sized: false });
    this.#answered = true;
    this.#stream.sendHeaders(fields, bodiless);
    if (bodiless) this.#finish();
  }

  write(chunk: Uint8Array | string): boolean {
    if (!this.#answered) this.begin({ status: 200 });
    if (this.#closed || chunk.length === 0) return true;
    this.#full = !this.#stream.write(bytesOf(chunk), false);
    return !this.#full;
  }

  drained(): Promise<void> {
    if (this.#closed || !this.#full) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  end(): void {
    if (!this.#answered) this.begin({ status: 200 });
    if (this.#closed) return;
    this.#stream.write(nothing, true);
    this.#finish();
  }

  destroy(): void {
    this.#answered = true;
    if (this.#closed) return;
    this.#close(undefined);
    this.#stream.reset(errorCodes.internalError);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else if (this.#closeListeners === undefined) this.#closeListeners = [listener];
    else this.#closeListeners.push(listener);
  }

  onData(chunk: Uint8Array): void {
    if (this.#closed) this.#stream.consume(chunk.length);
    else this.#body?.push(chunk);
  }

  onEnd(_trailers: HeaderBlock | undefined): void {
    this.#body?.end();
  }

  onDrain(): void {
    this.#full = false;
    this.#wakeWriter();
  }

  onAbort(error: unknown): void {
    this.#close(error);
  }

  /** False when the peer has left, which no answer reaches. */
  #mayAnswer(): boolean {
    if (!this.#answered) return !this.#closed;
    if (this.#closed) return false;
    throw new TypeError("Cannot answer as an exchange must be answered once: its answer has begun");
  }

  /** All of the answer is the engine's now; a peer that is still sending is told to stop. */
  #finish(): void {
    const rest = this.#body !== undefined && !this.#body.ended;
    this.#close(undefined);
    if (rest) this.#stream.reset(errorCodes.noError);
  }

  #close(cause: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connections.endStream(this);
    if (this.#body?.ended === false) this.#body.fail(aborted(cause));
    this.#wakeWriter();
    const listeners = this.#closeListeners;
    if (listeners !== undefined) for (const listener of listeners) listener();
  }

  #wakeWriter(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === "string" ? Buffer.from(body) : body;
}

async function* noParts(): AsyncGenerator<Uint8Array, void, undefined> {
  // a request without a body
}
