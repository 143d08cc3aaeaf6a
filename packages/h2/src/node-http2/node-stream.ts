import type { ClientHttp2Stream, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { HeaderBlock, OutgoingHeaders, Stream, StreamListener } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import type { H2Error } from "../h2-error.ts";
import { fieldObject, rawBlock } from "./field-object.ts";
import type { NodeSession } from "./node-session.ts";

const noListener: StreamListener = { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };

/** One stream of node:http2 in the terms of the contract, either side. */
export class NodeStream implements Stream {
  readonly session: NodeSession;
  readonly node: ServerHttp2Stream | ClientHttp2Stream;
  readonly id: number;
  listener: StreamListener = noListener;
  #over = false;
  #trailers: HeaderBlock | undefined;
  #ownTrailers: OutgoingHeaders = [];
  #ended = false;
  #remoteEnded: boolean;
  #bare: boolean;
  #unconsumed = 0;

  constructor(node: NodeStream["node"], session: NodeSession, bare: boolean) {
    this.node = node;
    this.session = session;
    this.id = node.id ?? 0;
    this.#remoteEnded = node.endAfterHeaders;
    this.#bare = bare;
    this.#listen(node);
  }

  get closed(): boolean {
    return this.#over || (this.#sent && this.#remoteEnded);
  }

  /** All of this half is handed over, trailers included, which node sends after it has finished. */
  get #sent(): boolean {
    return (
      this.#ended &&
      this.node.writableFinished &&
      (this.#bare || this.node.sentTrailers !== undefined)
    );
  }

  sendHeaders(headers: OutgoingHeaders, endStream: boolean): void {
    const { node } = this;
    if (this.closed || this.#ended) return;
    this.session.clock.onDataSent();
    if (!("respond" in node) || node.headersSent) this.#ownTrailers = headers;
    else this.#try(() => this.#answer(node, fieldObject(headers), endStream));
    if (endStream) this.#end();
  }

  write(chunk: Uint8Array, endStream: boolean): boolean {
    if (this.closed || this.#ended) return true;
    this.session.clock.onDataSent();
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
    // What was written to its end goes out first; then NO_ERROR tells the peer to send no more.
    const finishes = code === errorCodes.noError && this.#ended;
    if (this.closed || (finishes && this.#remoteEnded)) return;
    this.abort(this.session.streamFault(code, this.id, false));
    if (!finishes) this.#cut(code);
    else this.node.pause();
    this.#stopPeer();
  }

  /** Ends the stream for its listener. */
  abort(error: H2Error): void {
    if (this.closed) return;
    this.#over = true;
    this.listener.onAbort(error);
    this.listener = noListener;
  }

  // ceiling: a respond() that knows its stream for a server's
  #answer(node: ServerHttp2Stream, fields: OutgoingHttpHeaders, endStream: boolean): void {
    if (String(fields[":status"]).startsWith("1")) return node.additionalHeaders(fields);
    this.#bare = endStream;
    // sendDate is an option of node:http2 that its types lack.
    const options = { endStream, waitForTrailers: !endStream, sendDate: false };
    node.respond(fields, options);
  }

  #cut(code: number): void {
    this.session.counted.resetsSent += 1;
    if (!this.node.destroyed) this.node.close(code);
    this.node.resume();
  }

  #end(): void {
    this.#ended = true;
    this.node.end();
  }

  #listen(node: NodeStream["node"]): void {
    node.on("error", () => undefined);
    node.on("data", (chunk: Buffer) => this.#onData(chunk));
    node.on("trailers", (_fields, _flags, ...[raw]: unknown[]) => (this.#trailers = rawBlock(raw)));
    node.on("end", () => this.#onEnd());
    node.on("drain", () => this.listener.onDrain());
    node.on("wantTrailers", () => this.#sendTrailers());
    node.on("finish", () => this.#stopPeer());
    node.on("close", () => this.#onClose());
    const onHeaders = (_headers: unknown, flags: number, raw: unknown): void => {
      this.#remoteEnded = (flags & 1) !== 0;
      this.listener.onHeaders?.(rawBlock(raw), this.#remoteEnded);
    };
    node.on("headers", onHeaders);
    node.on("response", onHeaders);
  }

  #onData(chunk: Buffer): void {
    if (this.closed) return;
    this.#unconsumed += chunk.length;
    if (this.#unconsumed >= this.session.windowBytes) this.node.pause();
    this.session.clock.onBytes();
    this.listener.onData(chunk);
  }

  #onEnd(): void {
    // A stream that was cut "ends" too; one whose headers were the end has said so.
    const { rstCode, aborted } = this.node;
    const cut = aborted || rstCode !== errorCodes.noError;
    if (this.closed || this.#remoteEnded || (cut && this.#trailers === undefined)) return;
    this.#remoteEnded = true;
    this.listener.onEnd(this.#trailers);
  }

  #sendTrailers(): void {
    this.#try(() => this.node.sendTrailers(fieldObject(this.#ownTrailers)));
    this.#stopPeer();
  }

  /** After a reset that lets finish: all is handed over, and must not be overtaken now. */
  #stopPeer(): void {
    if (!this.#over || !this.#sent) return;
    setImmediate(() => {
      if (!this.#remoteEnded && !this.node.closed) this.#cut(errorCodes.noError);
    });
  }

  #onClose(): void {
    // Trailers that a reset has overtaken.
    if (this.#trailers !== undefined) this.#onEnd();
    this.session.remove(this);
    this.#over = true;
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
