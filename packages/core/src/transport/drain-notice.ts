import { setMaxListeners } from "node:events";
import { type Context, type ContextKey, createSharedContextKey } from "../context/index.ts";

const key: ContextKey<AbortSignal | undefined> = /* @__PURE__ */ createSharedContextKey<
  AbortSignal | undefined
>("transport/draining", undefined);

/**
 * The signal that aborts when the server which answers this call begins to stop. Unary calls are waited for; a
 * stream that would go on should come to its end then, as it is cut when the time of `stop` is up. Outside of a
 * call it never aborts.
 */
export function draining(context: Context): AbortSignal {
  return context.get(key) ?? new AbortController().signal;
}

/** How a server tells the calls it answers that it stops. */
export class DrainNotice {
  readonly #controller: AbortController = new AbortController();

  constructor() {
    // Every stream may listen, which node would take for a leak.
    setMaxListeners(0, this.#controller.signal);
  }

  /** A context whose calls hear of it. */
  attach(context: Context): Context {
    return context.with(key, this.#controller.signal);
  }

  give(): void {
    this.#controller.abort(new DOMException("the server is stopping", "AbortError"));
  }
}
