import { type ClientSession, H2Error, type HeaderBlock } from "@kratosjs/h2";
import { type Context, type Deadline, onDeadline } from "../../context/index.ts";
import { grpcFailure, isKratosError } from "../../errors/index.ts";
import { type CallOptions, callOptions } from "../../rpc/index.ts";
import type { NodeFilter } from "../../selector/index.ts";
import { clientTransport, type HeaderMap, readMetadata } from "../../transport/index.ts";
import { codeOfReset } from "../wire/reset-codes.ts";
import type { LiveLink } from "../describe/live-list.ts";
import type { Traffic } from "../describe/traffic.ts";
import type { NodePool, Picked } from "./node-pool.ts";
import { isPlainOk, type ResponseHead } from "./response.ts";

/** What a call gives its control to steer it by. */
export interface Exchange {
  /** Sends the request, or sends it again, over this connection. */
  open(session: ClientSession, authority: string): void;
  /** The call is over: free everything, reset the stream if it is open, and tell the caller. */
  fail(error: unknown): void;
  /** Whether the request can be sent once more. */
  readonly replayable: boolean;
}

export interface CallControlParts {
  readonly context: Context;
  readonly pool: NodePool;
  /** Whether something besides the deadline may end the context. */
  readonly cancellable: boolean;
}

/** Times a request that the peer has not processed is sent again. */
const maxReplays = 5;

/** The life of one call beside its messages: node, connection, deadline, cancellation, retry, outcome. */
export class CallControl implements LiveLink<CallControl> {
  previous: CallControl | undefined;
  next: CallControl | undefined;
  startedAt = 0;
  readonly context: Context;
  readonly #pool: NodePool;
  readonly #exchange: Exchange;
  readonly #options: CallOptions;
  readonly #cancellable: boolean;
  #alarm: Deadline | undefined;
  #onAbort: (() => void) | undefined;
  #picked: Picked | undefined;
  #traffic: Traffic | undefined;
  #leaveQueue: (() => void) | undefined;
  #tried: Set<string> | undefined;
  #lastError: Error | undefined;
  #replays = 0;
  #answered = false;
  #over = false;

  constructor(exchange: Exchange, parts: CallControlParts) {
    this.context = parts.context;
    this.#pool = parts.pool;
    this.#exchange = exchange;
    this.#options = callOptions(parts.context);
    this.#cancellable = parts.cancellable;
  }

  get over(): boolean {
    return this.#over;
  }

  get operation(): string {
    return clientTransport(this.context)?.operation ?? "";
  }

  get deadline(): number | undefined {
    return this.context.deadline;
  }

  /** Counts a message that was sent on the connection. */
  sent(): void {
    if (this.#traffic !== undefined) this.#traffic.messagesSent += 1;
  }

  /** Counts a message that came on the connection. */
  received(): void {
    if (this.#traffic !== undefined) this.#traffic.messagesReceived += 1;
  }

  /** Starts the clock and looks for a connection. */
  begin(): void {
    this.startedAt = Date.now();
    this.#pool.record.begin(this);
    const { deadline } = this.context;
    if (deadline !== undefined) {
      if (deadline <= this.startedAt) {
        this.fail(outOfTime());
        return;
      }
      this.#alarm = onDeadline(deadline, () => this.fail(outOfTime()));
    }
    if (this.#cancellable) {
      const { signal } = this.context;
      const onAbort = (): void => this.fail(abortFailure(signal.reason));
      if (signal.aborted) {
        onAbort();
        return;
      }
      this.#onAbort = onAbort;
      signal.addEventListener("abort", onAbort, { once: true });
    }
    if (this.#pool.resolver.isReady) this.#attempt();
    else this.#awaitNodes();
  }

  /** Notes the answer's headers. */
  head(head: ResponseHead): void {
    this.#answered = true;
    const header = clientTransport(this.context)?.replyHeader;
    if (header === undefined) return;
    for (const [name, values] of head.metadata.entries()) {
      for (const value of values) header.add(name, value);
    }
    this.#options.onHeader?.(header);
  }

  /** Ends the call by the answer's trailers; the error is the status. */
  end(trailers: HeaderBlock | undefined, error?: unknown): void {
    if (this.#over) return;
    this.#answered = true;
    const wanted = this.#options.onTrailer;
    const plain = wanted === undefined && isPlainOk(trailers);
    const replyHeader = plain ? undefined : readMetadata(trailers?.fields ?? []);
    this.#settle(error, replyHeader);
    if (replyHeader !== undefined) wanted?.(replyHeader);
  }

  /** Ends the call by something that was found on this side. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#settle(error);
    this.#exchange.fail(error);
  }

  /** The stream broke. Sends the request again if the peer has not processed it, else ends the call. */
  broken(error: H2Error): void {
    if (this.#over) return;
    const again = error.unprocessed && !this.#answered && this.#replays < maxReplays;
    if (again && this.#exchange.replayable) {
      this.#replays += 1;
      this.#done(error);
      this.#traffic = undefined;
      // Not in the callback of a session that is just falling apart.
      queueMicrotask(() => this.#attempt());
      return;
    }
    // A peer that keeps the same deadline may reset the stream a moment before our clock rings.
    const { deadline } = this.context;
    const late = deadline !== undefined && deadline <= Date.now();
    this.fail(late ? outOfTime() : streamFailure(error));
  }

  #attempt(): void {
    if (this.#over) return;
    try {
      this.#picked = this.#pool.pick(this.context, this.#filters());
    } catch (error) {
      this.#nothingFound(error);
      return;
    }
    this.#connect();
  }

  #connect(): void {
    const picked = this.#picked;
    if (picked === undefined || this.#over) return;
    this.#leaveQueue = undefined;
    const connected = picked.subchannel.ready;
    if (connected === undefined) {
      this.#leaveQueue = picked.subchannel.wait({
        ready: () => this.#connect(),
        failed: (error) => this.#unreachable(error),
      });
      return;
    }
    const { address, serviceName } = picked.node;
    this.#count(connected.traffic);
    try {
      this.#exchange.open(
        connected.session,
        serviceName === "" ? authorityOf(address) : serviceName,
      );
    } catch (error) {
      this.fail(error instanceof H2Error ? streamFailure(error) : error);
    }
  }

  #count(traffic: Traffic): void {
    this.#traffic = traffic;
    traffic.started += 1;
    traffic.lastStartedAt = this.startedAt;
  }

  /** Nothing was sent, so another node may do; the selector passes this one over for a while. */
  #unreachable(error: Error): void {
    const picked = this.#picked;
    if (picked === undefined || this.#over) return;
    this.#picked = undefined;
    picked.done({ error, unreachable: true });
    this.#tried ??= new Set();
    this.#tried.add(picked.node.address);
    this.#lastError = error;
    this.#attempt();
  }

  #nothingFound(error: unknown): void {
    if (this.#over) return;
    const failure = this.#tried === undefined ? error : (this.#lastError ?? error);
    if (this.#options.waitForReady !== true) {
      this.fail(failure);
      return;
    }
    this.#tried = undefined;
    // A timer of its own, as one of the wheel would not keep the process waiting.
    const again = setTimeout(() => this.#attempt(), waitForReadyMs);
    this.#leaveQueue = () => clearTimeout(again);
  }

  #awaitNodes(): void {
    // The signal is made for this rare wait alone.
    this.#pool.resolver.ready(this.context.signal).then(
      () => this.#attempt(),
      (error: unknown) => this.#nothingFound(error),
    );
  }

  #filters(): readonly NodeFilter[] {
    const own = this.#options.filters ?? noFilters;
    const tried = this.#tried;
    if (tried === undefined) return own;
    return [...own, (nodes) => nodes.filter((node) => !tried.has(node.address))];
  }

  #settle(error: unknown, replyHeader?: HeaderMap): void {
    this.#over = true;
    this.#pool.record.end(this, error === undefined);
    this.#alarm?.cancel();
    this.#leaveQueue?.();
    const onAbort = this.#onAbort;
    if (onAbort !== undefined) this.context.signal.removeEventListener("abort", onAbort);
    this.#done(error, replyHeader);
  }

  #done(error: unknown, replyHeader?: HeaderMap): void {
    const picked = this.#picked;
    const traffic = this.#traffic;
    if (traffic !== undefined && picked !== undefined) {
      if (error === undefined) traffic.succeeded += 1;
      else traffic.failed += 1;
    }
    this.#picked = undefined;
    picked?.done({
      bytesSent: true,
      bytesReceived: this.#answered,
      ...(error === undefined ? {} : { error }),
      ...(replyHeader === undefined ? {} : { replyHeader }),
    });
  }
}

/** How often a call that waits for a connection looks whether there could be one. */
const waitForReadyMs = 100;
const noFilters: readonly NodeFilter[] = [];

function authorityOf(address: string): string {
  return address.startsWith("unix:") ? "localhost" : address;
}

function outOfTime(): Error {
  return grpcFailure("DEADLINE_EXCEEDED", "context deadline exceeded");
}

function abortFailure(reason: unknown): Error {
  if (isKratosError(reason)) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError") return outOfTime();
  return grpcFailure("CANCELLED", "context canceled", { cause: reason });
}

function streamFailure(error: H2Error): Error {
  if (error.scope === "connection") {
    return grpcFailure("UNAVAILABLE", `the connection broke: ${error.message}`, { cause: error });
  }
  return grpcFailure(codeOfReset(error.code), `the stream was reset: ${error.message}`, {
    cause: error,
  });
}
