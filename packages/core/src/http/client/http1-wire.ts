import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { type Context, type Deadline, endsOnlyByDeadline, onEnd } from "../../context/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import type { Wire, WireListener } from "./wire.ts";

/**
 * One request on a connection of undici. Knows what a retry has to know: whether the request was put on
 * a connection, and whether anything came back.
 */
export class Http1Wire implements Wire, Dispatcher.DispatchHandler {
  readonly unprocessed = false;
  readonly #listener: WireListener;
  readonly #context: Context;
  #watch: Deadline | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #sent = false;
  #received = false;
  #ended = false;

  constructor(listener: WireListener, context: Context) {
    this.#listener = listener;
    this.#context = context;
  }

  get bytesSent(): boolean {
    return this.#sent;
  }

  get bytesReceived(): boolean {
    return this.#received;
  }

  /** Puts the request on a connection of the pool; ends with the context's reason when that ends. */
  start(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions): void {
    const context = this.#context;
    if (!endsOnlyByDeadline(context) && context.signal.aborted) {
      this.abort(context.signal.reason);
      return;
    }
    this.#watch = onEnd(context, (reason) => this.abort(reason));
    dispatcher.dispatch(request, this);
  }

  /** Ends the call; a request that waits for a connection is dropped when it gets one. */
  abort(reason: unknown): void {
    if (this.#end()) this.#listener.onCut(reason);
    this.#controller?.abort(new Error("the call has ended"));
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(new Error("the call has ended"));
    else this.#sent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#received = true;
    if (status < 200 || this.#ended) return;
    this.#listener.onHead({ status, header: headerOf(headers) });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#ended && !this.#listener.onData(chunk)) controller.pause();
  }

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: IncomingHttpHeaders | undefined,
  ): void {
    if (this.#end()) this.#listener.onEnd(headerOf(trailers ?? {}));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#end()) this.#listener.onBroken(error);
  }

  /** Whether this is the end, and not what comes after it. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#watch?.cancel();
    return true;
  }
}

function headerOf(headers: IncomingHttpHeaders): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") map.add(name, value);
    else if (value !== undefined) for (const item of value) map.add(name, item);
  }
  return map;
}
