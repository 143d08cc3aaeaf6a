import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { HeaderMap } from "../../transport/index.ts";

/** The head of an answer. */
export interface ReplyHead {
  readonly status: number;
  readonly header: HeaderMap;
}

/** Who is told of an answer as it arrives; the calls come in this order, the last one exactly once. */
export interface WireListener {
  onHead(head: ReplyHead): void;
  /** False asks for a pause until `resume`. */
  onData(chunk: Uint8Array): boolean;
  /** `error` is undefined when the answer is whole. */
  onEnd(error: unknown): void;
}

/**
 * One request on a connection of undici. Knows what a retry has to know: whether the request was put on
 * a connection, and whether anything came back.
 */
export class WireCall implements Dispatcher.DispatchHandler {
  readonly #listener: WireListener;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #sent = false;
  #received = false;
  #ended = false;

  constructor(listener: WireListener, signal: AbortSignal) {
    this.#listener = listener;
    this.#signal = signal;
    this.#onAbort = () => this.abort(signal.reason);
  }

  get bytesSent(): boolean {
    return this.#sent;
  }

  get bytesReceived(): boolean {
    return this.#received;
  }

  /** Puts the request on a connection of the pool; ends with the signal's reason when it aborts. */
  start(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions): void {
    if (this.#signal.aborted) {
      this.#end(this.#signal.reason);
      return;
    }
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    dispatcher.dispatch(request, this);
  }

  /** Ends the call; a request that waits for a connection is dropped when it gets one. */
  abort(reason: unknown): void {
    this.#end(reason);
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

  onResponseEnd(): void {
    this.#end(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#listener.onEnd(error);
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
