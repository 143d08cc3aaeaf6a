import type { ClientHttp2Stream, Http2Stream, ServerHttp2Stream } from "node:http2";
import type { HeaderBlock, OutgoingHeaders, Stream, StreamListener } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import type { H2Error } from "../h2-error.ts";
import { fieldObject, rawBlock } from "./field-object.ts";
import type { NodeSession } from "./node-session.ts";

const noListener: StreamListener = { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };

interface StreamStart {
  readonly server: boolean;
  readonly remoteEnded: boolean;
  readonly waitsForTrailers: boolean;
}

/** One stream of node:http2 in the terms of the contract. */
export class NodeStream implements Stream {
  readonly session: NodeSession;
  readonly node: ServerHttp2Stream | ClientHttp2Stream;
  readonly id: number;
  listener: StreamListener = noListener;
  closed = false;
  readonly #server: boolean;
  #trailers: HeaderBlock | undefined;
  #ownTrailers: OutgoingHeaders | undefined;
  #sentHeaders: boolean;
  #localEnded = false;
  #localDone = false;
  #remoteEnded: boolean;
  #waitsForTrailers: boolean;
  #unconsumed = 0;

  constructor(
    node: ServerHttp2Stream | ClientHttp2Stream,
    session: NodeSession,
    start: StreamStart,
  ) {
    this.node = node;
    this.session = session;
    this.id = node.id ?? 0;
    this.#server = start.server;
    this.#sentHeaders = !start.server;
    this.#remoteEnded = start.remoteEnded;
    this.#waitsForTrailers = start.waitsForTrailers;
    this.#listen(node);
  }

  sendHeaders(headers: OutgoingHeaders, endStream: boolean): void {
    if (this.closed || this.#localEnded) return;
    const { node } = this;
    if (this.#sentHeaders) {
      this.#ownTrailers = headers;
      if (endStream) this.#end();
      return;
    }
    const fields = fieldObject(headers);
    const interim = String(fields[":status"]).startsWith("1");
    this.#sentHeaders = !interim;
    this.#try(() => {
      if (!("respond" in node)) return;
      this.#waitsForTrailers = !interim && !endStream;
      // An option of node:http2 that its types lack.
      const options = { endStream, waitForTrailers: !endStream, sendDate: false };
      if (interim) node.additionalHeaders(fields);
      else node.respond(fields, options);
      if (endStream) this.#end();
    });
  }

  write(chunk: Uint8Array, endStream: boolean): boolean {
    if (this.closed || this.#localEnded) return true;
    const room = chunk.length === 0 || this.node.write(chunk);
    if (endStream) this.#end();
    return room || endStream;
  }

  respond(headers: OutgoingHeaders, body: Uint8Array, trailers: OutgoingHeaders | undefined): void {
    this.sendHeaders(headers, body.length === 0 && trailers === undefined);
    if (body.length > 0) this.write(body, trailers === undefined);
    if (trailers !== undefined) this.sendHeaders(trailers, true);
  }

  consume(bytes: number): void {
    this.#unconsumed -= Math.min(bytes, this.#unconsumed);
    if (this.#unconsumed < this.session.windowBytes && this.node.isPaused()) this.node.resume();
  }

  reset(code: number): void {
    if (this.closed) return;
    // What was written to its end goes out first; then NO_ERROR tells the peer to send no more.
    const finishing = code === errorCodes.noError && this.#localEnded && !this.#localDone;
    this.abort(this.session.streamFault(code, this.id, false));
    if (finishing) this.node.pause();
    else this.#cut(code);
  }

  /** Ends the stream for its listener. */
  abort(error: H2Error): void {
    if (this.closed) return;
    this.closed = true;
    this.listener.onAbort(error);
    this.listener = noListener;
  }

  #cut(code: number): void {
    this.session.counted.resetsSent += 1;
    if (!this.node.destroyed) this.node.close(code);
    this.node.resume();
  }

  #end(): void {
    this.#localEnded = true;
    this.node.end();
  }

  #listen(node: Http2Stream): void {
    node.on("error", () => undefined);
    node.on("data", (chunk: Buffer) => this.#onData(chunk));
    node.on(
      "trailers",
      (_headers, _flags, ...[raw]: unknown[]) => (this.#trailers = rawBlock(raw)),
    );
    node.on("end", () => this.#onEnd());
    node.on("drain", () => this.listener.onDrain());
    node.on("wantTrailers", () => this.#sendTrailers());
    node.on("finish", () => this.#onFinish());
    node.on("close", () => this.#onClose());
    if (this.#server) return;
    const onHeaders = (_headers: unknown, flags: number, raw: unknown): void => {
      this.#remoteEnded = (flags & 1) !== 0;
      this.listener.onHeaders?.(rawBlock(raw), this.#remoteEnded);
      this.#settle();
    };
    node.on("headers", onHeaders);
    node.on("response", onHeaders);
  }

  #onData(chunk: Buffer): void {
    if (this.closed) return;
    this.#unconsumed += chunk.length;
    if (this.#unconsumed >= this.session.windowBytes) this.node.pause();
    this.listener.onData(chunk);
  }

  #onEnd(): void {
    // A stream that was reset "ends" too; one whose headers were the end has said so.
    const cut = (this.node.rstCode ?? errorCodes.noError) !== errorCodes.noError;
    if (this.closed || this.#remoteEnded || (cut && this.#trailers === undefined)) return;
    this.#remoteEnded = true;
    this.listener.onEnd(this.#trailers);
    this.#settle();
  }

  #onClose(): void {
    // Trailers that a reset has overtaken.
    if (this.#trailers !== undefined) this.#onEnd();
    if (this.node.writableFinished && this.node.rstCode === errorCodes.noError)
      this.#localDone = this.#localEnded;
    this.#settle();
    this.session.remove(this);
  }

  #sendTrailers(): void {
    this.#try(() => this.node.sendTrailers(fieldObject(this.#ownTrailers ?? [])));
    this.#waitsForTrailers = false;
    this.#onFinish();
  }

  /** All is handed over; a reset now must not overtake it. */
  #onFinish(): void {
    if (!this.#waitsForTrailers) setImmediate(() => this.#onSent());
  }

  #onSent(): void {
    this.#localDone = this.#localEnded;
    if (this.closed && !this.#remoteEnded && !this.node.closed) this.#cut(errorCodes.noError);
    this.#settle();
  }

  #settle(): void {
    if (this.#localDone && this.#remoteEnded) this.closed = true;
  }

  /** Headers that node:http2 will not send end the stream rather than the process. */
  #try(send: () => void): void {
    try {
      if (!this.node.destroyed && !this.node.closed) send();
    } catch {
      this.reset(errorCodes.internalError);
    }
  }
}
