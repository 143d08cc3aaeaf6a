import type { Exchange, ExchangeHandler } from "../wire/exchange.ts";
import type { Edge } from "./edge.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import { type CallPlan, ServerCall } from "./server-call.ts";

/** A handler of raw exchanges as a route: it has a transport and a context, but no deadline. */
export class RawRoute implements ServerRoute {
  readonly #handler: ExchangeHandler;
  readonly #plan: CallPlan;

  constructor(handler: ExchangeHandler, path: string, edge: Edge) {
    this.#handler = handler;
    this.#plan = {
      operation: path,
      pathTemplate: path,
      timeoutMs: 0,
      endpoint: edge.endpoint,
      answerError: edge.answerError,
    };
  }

  async serve(exchange: Exchange, { ctx }: RouteParts): Promise<void> {
    const call = new ServerCall(exchange, ctx, this.#plan);
    try {
      await this.#handler(exchange, call.context);
    } catch (error) {
      if (exchange.answered) throw error;
      call.fail(error);
    }
  }
}
