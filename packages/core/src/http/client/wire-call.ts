import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { type Context, type Deadline, endsOnlyByDeadline, onEnd } from "../../context/index.ts";
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
      this.#end(context.signal.reason);
      return;
    }
    this.#watch = onEnd(context, (reason) => this.abort(reason));
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
    this.#watch?.cancel();
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
