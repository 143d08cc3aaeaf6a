import type { Context } from "../../context/index.ts";
import { fromError, type KratosError, serviceUnavailable } from "../../errors/index.ts";
import { callOptions } from "../../rpc/index.ts";
import type { Done, Node, NodeFilter, Selection, Selector } from "../../selector/index.ts";
import type { Resolver } from "../../selector/resolver/index.ts";
import type { HttpReply, HttpRequest, HttpSender } from "../protocols/index.ts";
import { NodeReply } from "./node-reply.ts";
import { ReplyInbox } from "./reply-inbox.ts";
import { isUnreachable, transportError } from "./transport-error.ts";
import type { Wire, Wires } from "./wire.ts";

/** What a sender works with. */
export interface CallSenderParts {
  readonly selector: Selector;
  readonly resolver: Resolver;
  readonly wires: Wires;
  readonly nodeFilters: readonly NodeFilter[];
}

/** A connection of a caller's own that is being made. */
export interface Reaching<T> {
  /** Whether the node has been reached. */
  readonly isReached: boolean;
  readonly outcome: Promise<T>;
}

/** What came of it; `done` has to be told how the call ended. */
export interface Reached<T> {
  readonly outcome: T;
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

/** Times a request that the peer has not processed, or may see twice, is sent again to a node that was reached. */
const maxRepeats = 1;
const maxUnprocessed = 5;

/**
 * Sends requests to the nodes of a client. A node that cannot be reached is passed over for the next one;
 * an idempotent request whose connection closed before an answer is sent once more.
 */
export class CallSender implements HttpSender {
  readonly streamsRequests = true;
  readonly #parts: CallSenderParts;

  constructor(parts: CallSenderParts) {
    this.#parts = parts;
  }

  /** @throws {KratosError} 503 NODE_NOT_FOUND without a node; 503, 504 or 499 without an answer. */
  async send(request: HttpRequest, ctx: Context): Promise<HttpReply> {
    if (!this.#parts.resolver.isReady) await this.#ready(ctx);
    const unreachable = new Set<string>();
    let failure: KratosError | undefined;
    for (let repeats = 0; ;) {
      const { node, done } = this.#select(ctx, unreachable, failure);
      const inbox = new ReplyInbox(() => wire.resume());
      const wire = this.#parts.wires.send({ node, request, context: ctx }, inbox);
      try {
        const head = await inbox.head;
        return new NodeReply(head, { inbox, wire, done });
      } catch (error) {
        failure = transportError(error);
        const { bytesSent, bytesReceived } = wire;
        const isOut = isUnreachable(error, bytesSent);
        done({ error: failure, unreachable: isOut, bytesSent, bytesReceived });
        if (isOut) unreachable.add(node.address);
        else if (repeats < repeatsOf(request, wire) && failure.code === 503) repeats += 1;
        else throw failure;
      }
    }
  }

  /**
   * Reaches a node over a connection of the caller's own; one that cannot be reached is passed over.
   * @throws {KratosError} 503 NODE_NOT_FOUND without a node; 503, 504 or 499 without an answer.
   */
  async reach<T>(ctx: Context, connect: (node: Node) => Reaching<T>): Promise<Reached<T>> {
    if (!this.#parts.resolver.isReady) await this.#ready(ctx);
    const unreachable = new Set<string>();
    let failure: KratosError | undefined;
    for (;;) {
      const { node, done } = this.#select(ctx, unreachable, failure);
      const reaching = connect(node);
      try {
        return { outcome: await reaching.outcome, done };
      } catch (error) {
        failure = transportError(error);
        const isOut = isUnreachable(error, reaching.isReached);
        done({ error: failure, unreachable: isOut, bytesSent: reaching.isReached });
        if (!isOut) throw failure;
        unreachable.add(node.address);
      }
    }
  }

  async #ready(ctx: Context): Promise<void> {
    try {
      await this.#parts.resolver.ready(ctx.signal);
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

/** How often a request may be sent again that was put on a connection. */
function repeatsOf({ method, body }: HttpRequest, wire: Wire): number {
  const isWhole = body === undefined || body instanceof Uint8Array;
  if (!isWhole || wire.bytesReceived) return 0;
  if (wire.unprocessed) return maxUnprocessed;
  return idempotent.has(method) ? maxRepeats : 0;
}

function noNode(cause: unknown): KratosError {
  const known = fromError(cause);
  return serviceUnavailable("NODE_NOT_FOUND", known.message || known.format(), { cause });
}
