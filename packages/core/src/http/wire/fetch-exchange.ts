import { onDeadline } from "../../context/index.ts";
import type { Header } from "../../transport/index.ts";
import type { Answer, AnswerHead, Exchange } from "./exchange.ts";
import { FetchBody, type FetchBodyTimes } from "./fetch-body.ts";
import { isFraming } from "./framing.ts";
import { firstLine, linePairs } from "./header-lines.ts";
import { ReplyHeader } from "./reply-header.ts";
import { RequestHeader } from "./request-header.ts";

/** What exchanges of the fetch standard need to know of their server. */
export interface FetchWire extends FetchBodyTimes {
  /** Milliseconds the host may take nothing of an answer; 0 is for ever. */
  readonly writeTimeoutMs: number;
  /** Called once when an exchange is over. */
  end(exchange: FetchExchange): void;
}

const none: readonly string[] = [];
const bufferedBytes = 16_384;

/** An exchange with a host that speaks the fetch standard: a Request, and the Response it is answered with. */
export class FetchExchange implements Exchange {
  /** Rejects when the request is aborted, or the exchange cut, before there is an answer. */
  readonly response: Promise<Response>;
  readonly method: string;
  readonly target: string;
  readonly secure: boolean;
  readonly host: string;
  readonly rawHeaders: readonly string[];
  readonly hasBody: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number = Date.now();
  place = -1;
  readonly #signal: AbortSignal;
  readonly #body: FetchBody;
  readonly #wire: FetchWire;
  #resolve: (response: Response) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #requestHeader: RequestHeader | undefined;
  #replyHeader: ReplyHeader | undefined;
  #sink: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  readonly #closeListeners: (() => void)[] = [];
  #wake: (() => void) | undefined;
  #answered = false;
  #closed = false;

  constructor(request: Request, wire: FetchWire) {
    const { protocol, host, pathname, search } = new URL(request.url);
    this.method = request.method;
    this.target = pathname + search;
    this.secure = protocol === "https:";
    this.host = request.headers.get("host") ?? host;
    this.rawHeaders = linesOf(request.headers, this.host);
    this.hasBody = request.body !== null && request.headers.get("content-length") !== "0";
    this.#signal = request.signal;
    this.#wire = wire;
    this.#body = new FetchBody(request, wire);
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal.addEventListener("abort", this.#leave, { once: true });
  }

  get node(): undefined {
    return undefined;
  }

  get httpVersion(): "1.1" {
    return "1.1";
  }

  /** Not told by the standard. */
  get remoteAddress(): string {
    return "";
  }

  get peerAddress(): string {
    return "";
  }

  get requestHeader(): Header {
    this.#requestHeader ??= new RequestHeader(this.rawHeaders);
    return this.#requestHeader;
  }

  get replyHeader(): Header {
    this.#replyHeader ??= new ReplyHeader();
    return this.#replyHeader;
  }

  get answered(): boolean {
    return this.#answered;
  }

  get closed(): boolean {
    return this.#closed;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    return this.#body.read(this.rawHeaders, maxBytes);
  }

  body(maxBytes: number = Infinity): AsyncIterable<Uint8Array> {
    return this.#body.parts(maxBytes);
  }

  reply({ status, headers = none, body }: Answer): void {
    if (!this.#mayAnswer()) return;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const fields = this.#fields(headers);
    if (!isBodiless(status)) fields.set("content-length", String(bytes?.length ?? 0));
    const isEmpty = isBodiless(status) || this.method === "HEAD";
    // The standard copies them, whatever memory they are in.
    const whole = isEmpty ? null : ((bytes ?? null) as Uint8Array<ArrayBuffer> | null);
    this.#answer(new Response(whole, { status, headers: fields }));
    this.#close();
  }

  begin({ status, headers = none }: AnswerHead): void {
    if (!this.#mayAnswer()) return;
    const isEmpty = isBodiless(status) || this.method === "HEAD";
    const body = isEmpty ? null : this.#stream();
    this.#answer(new Response(body, { status, headers: this.#fields(headers) }));
    if (isEmpty) this.#close();
  }

  write(chunk: Uint8Array | string): boolean {
    if (!this.#answered) this.begin({ status: 200 });
    if (this.#closed || chunk.length === 0) return true;
    // The host takes its time to send it, and the writer may have its memory again.
    this.#sink?.enqueue(typeof chunk === "string" ? Buffer.from(chunk) : Uint8Array.from(chunk));
    return this.#hasRoom;
  }

  drained(): Promise<void> {
    if (this.#closed || this.#hasRoom) return Promise.resolve();
    const { writeTimeoutMs } = this.#wire;
    const limit =
      writeTimeoutMs > 0
        ? onDeadline(Date.now() + writeTimeoutMs, () => this.destroy())
        : undefined;
    return new Promise((resolve) => {
      this.#wake = () => {
        limit?.cancel();
        resolve();
      };
    });
  }

  end(): void {
    if (!this.#answered) this.begin({ status: 200 });
    if (this.#closed) return;
    this.#sink?.close();
    this.#close();
  }

  destroy(): void {
    this.#break(new Error("the exchange was cut"));
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  get #hasRoom(): boolean {
    return (this.#sink?.desiredSize ?? 0) > 0;
  }

  /** False when the host has left, which no answer reaches. */
  #mayAnswer(): boolean {
    if (!this.#answered) return !this.#closed;
    if (this.#closed) return false;
    throw new TypeError("Cannot answer as an exchange must be answered once: its answer has begun");
  }

  /** How an answer is cut into messages and connections is the host's business. */
  #fields(headers: readonly string[]): Headers {
    const all = this.#replyHeader === undefined ? headers : this.#replyHeader.appendTo(headers);
    const fields = new Headers();
    for (const [name, value] of linePairs(all)) {
      if (!isFraming(name) || name.toLowerCase() === "content-length") fields.append(name, value);
    }
    return fields;
  }

  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (sink) => {
          this.#sink = sink;
        },
        pull: () => this.#wakeWriter(),
        cancel: () => this.#close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytes }),
    );
  }

  #answer(response: Response): void {
    this.#answered = true;
    this.#resolve(response);
  }

  readonly #leave = (): void => this.#break(this.#signal.reason);

  #break(reason: unknown): void {
    this.#answered = true;
    if (this.#closed) return;
    this.#reject(reason);
    this.#sink?.error(reason);
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal.removeEventListener("abort", this.#leave);
    this.#wire.end(this);
    this.#body.leave();
    this.#wakeWriter();
    for (const listener of this.#closeListeners) listener();
  }

  #wakeWriter(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function linesOf(headers: Headers, host: string): readonly string[] {
  const lines = [...headers].flat();
  return firstLine(lines, "host") === undefined ? ["host", host, ...lines] : lines;
}

/** The standard makes no Response with a body of these. */
function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
