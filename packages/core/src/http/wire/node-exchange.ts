import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Header } from "../../transport/index.ts";
import { bodyParts } from "./body-parts.ts";
import { checkStatus } from "./check-status.ts";
import type { Answer, AnswerHead, Exchange, NodeMessages, UpgradeOffer } from "./exchange.ts";
import { firstLine } from "./header-lines.ts";
import { readBody } from "./read-body.ts";
import { ReplyHeader } from "./reply-header.ts";
import { RequestHeader } from "./request-header.ts";
import { wholeHead } from "./whole-head.ts";
import { WholeResponse } from "./whole-response.ts";

/** What exchanges need to know of their server: whether answers are to be the last of their connection. */
export interface WireState {
  readonly draining: boolean;
  /** The header lines that keep a connection. */
  readonly persistLines: string;
  /** Milliseconds a peer may take nothing of what waits to be sent; 0 is for ever. */
  readonly writeTimeoutMs: number;
  /** Milliseconds a peer may send nothing of a body that is read in pieces; 0 is for ever. */
  readonly bodyIdleTimeoutMs: number;
  /** Called once when an exchange is over. */
  end(exchange: NodeExchange): void;
}

const none: readonly string[] = [];

/** An exchange over HTTP/1.1: a request and a response of node:http. */
export class NodeExchange implements Exchange, NodeMessages {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  /** Epoch milliseconds. */
  readonly startedAt: number = Date.now();
  place = -1;
  readonly #state: WireState;
  #upgrade: UpgradeOffer | undefined;
  #requestHeader: RequestHeader | undefined;
  #replyHeader: ReplyHeader | undefined;
  #closeListeners: (() => void)[] | undefined;
  #wake: (() => void) | undefined;
  #answered = false;
  #closed = false;
  #isLimited = false;
  #isShown = false;

  constructor(request: IncomingMessage, response: ServerResponse, state: WireState) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? "";
    this.target = request.url ?? "";
    this.rawHeaders = request.rawHeaders;
    this.#state = state;
    response.on("close", () => this.#close());
  }

  get node(): NodeMessages {
    // Whoever looks may have changed the response, which only its own methods heed.
    this.#isShown = true;
    return this;
  }

  get upgrade(): UpgradeOffer | undefined {
    return this.#upgrade;
  }

  /** Offers the connection; `head` is what came after the request's head. */
  offerUpgrade(head: Uint8Array): void {
    const { socket } = this.request;
    // A response that has lost its connection does not hear of its end.
    socket.once("close", () => this.#close());
    const take = (): Duplex => {
      this.#answered = true;
      this.response.detachSocket(socket);
      return socket;
    };
    this.#upgrade = { head, take };
  }

  get httpVersion(): "1.0" | "1.1" {
    return this.request.httpVersionMinor === 0 ? "1.0" : "1.1";
  }

  get secure(): boolean {
    return "encrypted" in this.request.socket;
  }

  get host(): string {
    return firstLine(this.rawHeaders, "host") ?? "";
  }

  get remoteAddress(): string {
    return this.peerAddress;
  }

  get peerAddress(): string {
    return this.request.socket.remoteAddress ?? "";
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
    const length = firstLine(this.rawHeaders, "content-length");
    if (length !== undefined) return length !== "0";
    return firstLine(this.rawHeaders, "transfer-encoding") !== undefined;
  }

  get answered(): boolean {
    return this.#answered || this.response.headersSent;
  }

  get closed(): boolean {
    return this.#closed;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    return readBody(this.request, maxBytes);
  }

  body(maxBytes: number = Infinity): AsyncIterable<Uint8Array> {
    const { bodyIdleTimeoutMs } = this.#state;
    const onIdle = (): void => {
      // What comes after a body that was given up cannot be told from the body.
      this.response.shouldKeepAlive = false;
    };
    return bodyParts(this.request, { maxBytes, idleTimeoutMs: bodyIdleTimeoutMs, onIdle });
  }

  reply({ status, headers = none, body }: Answer): void {
    checkStatus(status);
    const bodiless = body === undefined || status === 204 || status === 304;
    if (!bodiless && this.#sendWhole(status, headers, body)) return;
    const head = this.#head(headers);
    // One on a 304 would be that of the answer it stands for.
    if (status !== 204 && status !== 304)
      head.push("Content-Length", bodiless ? "0" : String(lengthOf(body)));
    // A head that cannot be sent leaves room for the answer that says so.
    this.response.writeHead(status, head);
    this.#answered = true;
    if (bodiless) this.response.end();
    else this.response.end(body);
    this.#limitWrites();
  }

  /** The short way of most answers; false where node:http has more to decide. */
  #sendWhole(status: number, headers: readonly string[], bytes: Uint8Array | string): boolean {
    const { response } = this;
    const { draining, persistLines } = this.#state;
    const isPlain = !this.#isShown && !draining && this.method !== "HEAD";
    if (!isPlain || !(response instanceof WholeResponse) || !response.isFresh) return false;
    const all = this.#replyHeader === undefined ? headers : this.#replyHeader.appendTo(headers);
    const length = lengthOf(bytes);
    const head = wholeHead(status, all, { length, persistLines });
    if (head === undefined) return false;
    this.#answered = true;
    response.sendWhole(status, head, { bytes, length });
    this.#limitWrites();
    return true;
  }

  begin({ status, headers = none }: AnswerHead): void {
    checkStatus(status);
    this.response.writeHead(status, this.#head(headers));
    this.#answered = true;
    this.response.flushHeaders();
    this.response.on("drain", () => this.#wakeWriter());
  }

  write(chunk: Uint8Array | string): boolean {
    return this.#closed || this.response.write(chunk);
  }

  drained(): Promise<void> {
    if (this.#closed || !this.response.writableNeedDrain) return Promise.resolve();
    this.#limitWrites();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  end(): void {
    this.response.end();
    this.#limitWrites();
  }

  destroy(): void {
    this.#answered = true;
    this.request.destroy();
    this.response.destroy();
    if (this.#upgrade !== undefined) this.request.socket.destroy();
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else if (this.#closeListeners === undefined) this.#closeListeners = [listener];
    else this.#closeListeners.push(listener);
  }

  #head(headers: readonly string[]): string[] {
    const all = this.#replyHeader === undefined ? headers : this.#replyHeader.appendTo(headers);
    return this.#state.draining ? [...all, "Connection", "close"] : [...all];
  }

  /**
   * Where something waits for a peer to take it: node ends connections whose timer runs out, and the timer
   * begins anew whenever bytes go. It ends with the wait, before node sets its own for the time between requests.
   */
  #limitWrites(): void {
    const { response } = this;
    const { writeTimeoutMs } = this.#state;
    const { socket } = response;
    if (writeTimeoutMs <= 0 || response.writableFinished) return;
    if (socket === null) {
      // An answer whose turn has not come: it is written when it gets the connection.
      response.once("socket", () => queueMicrotask(() => this.#limitWrites()));
      return;
    }
    if (socket.writableLength === 0 || typeof socket.setTimeout !== "function") return;
    if (!this.#isLimited) {
      this.#isLimited = true;
      response.prependListener("finish", () => socket.setTimeout(0));
      response.on("drain", () => socket.setTimeout(0));
    }
    socket.setTimeout(writeTimeoutMs);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#state.end(this);
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

function lengthOf(body: Uint8Array | string): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}
