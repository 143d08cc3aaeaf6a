import type { DescMethod } from "@bufbuild/protobuf";
import {
  type Cancel,
  type Context,
  type Deadline,
  onDeadline,
  withCancel,
} from "../../context/index.ts";
import { GrpcCode, KratosError } from "../../errors/index.ts";
import { type Header, withServerTransport } from "../../transport/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { ReplyHeader } from "../wire/reply-header.ts";
import type { HttpTransport } from "./http-transport.ts";

/** What a call needs to know of its route and its server. */
export interface CallPlan {
  readonly operation: string;
  readonly pathTemplate: string;
  /** Milliseconds; 0 is no deadline. */
  readonly timeoutMs: number;
  /** Undefined for a route written by hand. */
  readonly method?: DescMethod | undefined;
  /** The server's advertised URL, "" while it is not known. */
  readonly endpoint: () => string;
  readonly answerError: (error: unknown, exchange: Exchange, call: ServerCall) => void;
  /** Whether the wire has room for trailers. @default {false} */
  readonly trailers?: boolean;
}

const noDeadline = {};
const none: readonly string[] = [];

/**
 * One call being answered: its context, its transport and the right to answer, which is used once.
 * The context ends when the deadline has passed or the peer has left.
 */
export class ServerCall implements HttpTransport {
  readonly exchange: Exchange;
  readonly context: Context;
  readonly #plan: CallPlan;
  readonly #cancel: Cancel;
  readonly #deadline: Deadline | undefined;
  #operation: string;
  #replyTrailer: ReplyHeader | undefined;
  #settled = false;
  #failed = false;

  constructor(exchange: Exchange, parent: Context, plan: CallPlan) {
    this.exchange = exchange;
    this.#plan = plan;
    this.#operation = plan.operation;
    const { timeoutMs } = plan;
    const deadline = Date.now() + timeoutMs;
    this.#cancel = withCancel(parent, timeoutMs > 0 ? { deadline } : noDeadline);
    this.context = withServerTransport(this.#cancel.context, this);
    this.#deadline = timeoutMs > 0 ? onDeadline(deadline, () => this.#expire()) : undefined;
    exchange.onClose(() => this.#end());
  }

  get kind(): "http" {
    return "http";
  }

  get endpoint(): string {
    return this.#plan.endpoint();
  }

  get method(): DescMethod | undefined {
    return this.#plan.method;
  }

  get pathTemplate(): string {
    return this.#plan.pathTemplate;
  }

  get operation(): string {
    return this.#operation;
  }

  setOperation(name: string): void {
    this.#operation = name;
  }

  get requestHeader(): Header {
    return this.exchange.requestHeader;
  }

  get replyHeader(): Header {
    return this.exchange.replyHeader;
  }

  get replyTrailer(): Header | undefined {
    if (this.#plan.trailers !== true) return undefined;
    this.#replyTrailer ??= new ReplyHeader();
    return this.#replyTrailer;
  }

  /** The trailers so far, names and values in turn. */
  get trailerFields(): readonly string[] {
    return this.#replyTrailer?.appendTo(none) ?? none;
  }

  /** Takes the right to answer; false when the call has been answered or its peer has left. */
  settle(): boolean {
    if (this.#settled || this.exchange.closed) return false;
    this.#settled = true;
    this.#deadline?.cancel();
    return true;
  }

  /** Answers with an error, unless the call is answered already; a reply that could not be sent is no answer. */
  fail(error: unknown): void {
    const { answered, closed } = this.exchange;
    const isOwed = this.#settled && !this.#failed && !answered && !closed;
    if (!isOwed && !this.settle()) return;
    this.#failed = true;
    this.#plan.answerError(error, this.exchange, this);
  }

  /** The time is up: answers 504, then ends the context of whoever works on. */
  #expire(): void {
    const error = new KratosError(`no reply within ${this.#plan.timeoutMs} ms`, {
      code: 504,
      grpcCode: GrpcCode.DEADLINE_EXCEEDED,
    });
    this.fail(error);
    this.#cancel.cancel(new DOMException("context deadline exceeded", "TimeoutError"));
  }

  #end(): void {
    this.#deadline?.cancel();
    // Whoever still works on an answer learns that nobody waits for it.
    if (!this.#settled) {
      this.#settled = true;
      this.#cancel.cancel();
    }
  }
}
