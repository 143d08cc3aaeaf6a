import type { Context } from "../../context/index.ts";
import { serviceUnavailable } from "../../errors/index.ts";
import type { Logger } from "../../log/index.ts";
import { chain } from "../../middleware/index.ts";
import { TrustedProxies, type TrustedProxiesOptions } from "../proxies/trusted-proxies.ts";
import type { Exchange, ExchangeHandler, Filter } from "../wire/exchange.ts";
import type { Edge } from "./edge.ts";

/** What exchanges go through. */
export interface ExchangeRunnerOptions {
  readonly filters: readonly Filter[];
  readonly trustedProxies: readonly string[] | TrustedProxiesOptions | undefined;
  /** What is inside of the filters. */
  readonly handler: ExchangeHandler;
  readonly edge: Edge;
  readonly logger: () => Logger;
}

/** Takes exchanges through the filters to their routes, and answers what fails on the way. */
export class ExchangeRunner {
  readonly #options: ExchangeRunnerOptions;
  readonly #proxies: TrustedProxies | undefined;
  readonly #handler: ExchangeHandler;
  #live = 0;
  #closed = false;

  /** @throws {TypeError} If an address of `trustedProxies` is none. */
  constructor(options: ExchangeRunnerOptions) {
    this.#options = options;
    const { filters, trustedProxies } = options;
    this.#proxies = trustedProxies === undefined ? undefined : new TrustedProxies(trustedProxies);
    this.#handler = chain<ExchangeHandler>(...filters)((exchange, ctx) =>
      this.#route(exchange, ctx),
    );
  }

  /** Exchanges being answered. */
  get live(): number {
    return this.#live;
  }

  /** Answers all that comes from now on, as it may from another server, with a 503. */
  close(): void {
    this.#closed = true;
  }

  /** Waits until streams whose context has ended have written why, if there are any. */
  async lastWords(): Promise<void> {
    if (this.#live > 0) await new Promise(setImmediate);
  }

  /** Answers an exchange; never throws. */
  run(exchange: Exchange, ctx: Context): void {
    this.#live += 1;
    try {
      const done = this.#handler(this.#proxies?.see(exchange) ?? exchange, ctx);
      if (done !== undefined) {
        done.then(this.#ended, (error: unknown) => this.#failed(exchange, error));
        return;
      }
    } catch (error) {
      this.#answerFailure(exchange, error);
    }
    this.#live -= 1;
  }

  readonly #ended = (): void => {
    this.#live -= 1;
  };

  #failed(exchange: Exchange, error: unknown): void {
    this.#answerFailure(exchange, error);
    this.#live -= 1;
  }

  /** Answers what no route fits inside of the filters, so that they see it as any other answer. */
  #route(exchange: Exchange, ctx: Context): Promise<void> | void {
    const { handler, edge } = this.#options;
    try {
      if (this.#closed) throw serviceUnavailable("SERVER_STOPPED", "the server has stopped");
      return handler(exchange, ctx);
    } catch (error) {
      edge.answerError(error, exchange);
    }
  }

  #answerFailure(exchange: Exchange, error: unknown): void {
    const { edge, logger } = this.#options;
    try {
      if (!exchange.answered && !exchange.closed) return edge.answerError(error, exchange);
    } catch (failure) {
      logger().error("http error not answered", { error: failure });
    }
    if (exchange.closed) return;
    // Half an answer must not look like a whole one.
    logger().error("http exchange cut", { error, method: exchange.method });
    exchange.destroy();
  }
}
