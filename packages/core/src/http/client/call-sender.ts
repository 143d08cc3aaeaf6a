import type { Dispatcher } from "undici";
import type { Context } from "../../context/index.ts";
import { fromError, type KratosError, serviceUnavailable } from "../../errors/index.ts";
import { callOptions } from "../../rpc/index.ts";
import type { Done, NodeFilter, Selection, Selector } from "../../selector/index.ts";
import type { Resolver } from "../../selector/resolver/index.ts";
import type { Pools } from "./pools.ts";
import { isUnreachable, transportError } from "./reply-error.ts";
import { WireCall, type WireListener } from "./wire-call.ts";

/** What a sender works with. */
export interface CallSenderParts {
  readonly selector: Selector;
  readonly resolver: Resolver;
  readonly pools: Pools;
  readonly nodeFilters: readonly NodeFilter[];
  readonly userAgent: string;
}

/** Makes the listener of one attempt, and what the attempt waits for. */
export type Attempt<T> = (
  end: (error: unknown) => void,
  wire: () => WireCall,
) => {
  readonly listener: WireListener;
  readonly outcome: Promise<T>;
};

/** An attempt that went well; `done` has to be told how the call ended. */
export interface Sent<T> {
  readonly outcome: T;
  readonly wire: WireCall;
  readonly done: Done;
}

// Repeating these means the same as sending them once (RFC 9110, 9.2.2).
const idempotent: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
]);

/**
 * Sends requests to the nodes of a client. A node that cannot be reached is passed over for the next one;
 * an idempotent request whose connection closed before an answer is sent once more.
 */
export class CallSender {
  readonly #parts: CallSenderParts;

  constructor(parts: CallSenderParts) {
    this.#parts = parts;
  }

  get userAgent(): string {
    return this.#parts.userAgent;
  }

  /** @throws {KratosError} 503 NODE_NOT_FOUND without a node; 503, 504 or 499 without an answer. */
  async send<T>(
    ctx: Context,
    request: Dispatcher.DispatchOptions,
    attempt: Attempt<T>,
  ): Promise<Sent<T>> {
    await this.#ready(ctx);
    const unreachable = new Set<string>();
    let failure: KratosError | undefined;
    let mayRepeat = idempotent.has(request.method);
    for (;;) {
      const { node, done } = this.#select(ctx, unreachable, failure);
      const { outcome, wire } = start(attempt, ctx);
      wire.start(this.#parts.pools.get(node), request);
      try {
        return { outcome: await outcome, wire, done };
      } catch (error) {
        failure = transportError(error);
        const { bytesSent, bytesReceived } = wire;
        const isOut = isUnreachable(error, bytesSent);
        done({ error: failure, unreachable: isOut, bytesSent, bytesReceived });
        const repeats = mayRepeat && !bytesReceived && failure.code === 503;
        if (!isOut && !repeats) throw failure;
        if (isOut) unreachable.add(node.address);
        else mayRepeat = false;
      }
    }
  }

  async #ready(ctx: Context): Promise<void> {
    const { resolver } = this.#parts;
    if (resolver.isReady) return;
    try {
      await resolver.ready(ctx.signal);
    } catch (error) {
      throw fromError(error).code === 503 ? noNode(error) : fromError(error);
    }
  }

  #select(
    ctx: Context,
    unreachable: ReadonlySet<string>,
    failure: KratosError | undefined,
  ): Selection {
    const filters = [...this.#parts.nodeFilters, ...(callOptions(ctx).filters ?? [])];
    if (unreachable.size > 0) {
      filters.push((nodes) => nodes.filter(({ address }) => !unreachable.has(address)));
    }
    try {
      return this.#parts.selector.select(ctx, { filters });
    } catch (error) {
      throw failure ?? noNode(error);
    }
  }
}

function start<T>(
  attempt: Attempt<T>,
  context: Context,
): { readonly outcome: Promise<T>; readonly wire: WireCall } {
  const { listener, outcome } = attempt(
    (error) => wire.abort(error),
    () => wire,
  );
  const wire = new WireCall(listener, context);
  return { outcome, wire };
}

function noNode(cause: unknown): KratosError {
  return serviceUnavailable("NODE_NOT_FOUND", fromError(cause).message, { cause });
}
