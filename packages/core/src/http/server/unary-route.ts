import type { Message } from "@bufbuild/protobuf";
import type { HttpBinding } from "../rules/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { bindingPlan } from "./binding-plan.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import { createReplyWriter, type ReplyWriter } from "./reply-writer.ts";
import { createRequestSource, type RequestSource } from "./request-source.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import { type CallPlan, ServerCall } from "./server-call.ts";

/** A unary method at one of its bindings: all that can be composed is composed when it is made. */
export class UnaryRoute implements ServerRoute {
  readonly #bound: BoundOperation;
  readonly #source: RequestSource;
  readonly #write: ReplyWriter;
  readonly #plan: CallPlan;

  constructor(bound: BoundOperation, binding: HttpBinding, edge: Edge) {
    const { method } = bound.operation;
    this.#bound = bound;
    this.#source = createRequestSource(method.input, binding, edge);
    this.#write = createReplyWriter({ schema: method.output, field: binding.responseBody }, edge);
    this.#plan = bindingPlan(bound, { binding, edge });
  }

  async serve(exchange: Exchange, parts: RouteParts): Promise<void> {
    const call = new ServerCall(exchange, parts.ctx, this.#plan);
    const source = this.#source;
    try {
      const body = source.needsBody(exchange) ? await source.readBody(exchange) : undefined;
      const request = source.read(parts, body);
      const reply = await this.#bound.handler(request, call.context);
      this.#answer(call, reply as Message); // the binding of the implementation completes replies
    } catch (error) {
      call.fail(error);
    }
  }

  #answer(call: ServerCall, reply: Message): void {
    if (!call.settle()) return;
    try {
      this.#write(reply, call.exchange);
    } catch (error) {
      // What cannot be written has not begun to be sent.
      if (!call.exchange.answered) this.#plan.answerError(error, call.exchange, call);
      else throw error;
    }
  }
}
