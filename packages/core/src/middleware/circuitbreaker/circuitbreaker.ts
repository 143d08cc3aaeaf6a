/**
 * Spares servers that fail: while too many calls of an operation failed lately, some of its further calls fail at
 * once, without being made.
 *
 *     new GrpcClient({ endpoint: "discovery:///users", middleware: [circuitBreaker()] });
 *
 * Ported from go-kratos/kratos middleware/circuitbreaker, with the defaults of v3. Different on purpose: outside of
 * a client's call it does nothing, where Go crashes, and the breakers of operations not called for long are dropped.
 */
import { type Breaker, SreBreaker } from "@kratosjs/aegis/sre";
import { code } from "../../errors/index.ts";
import { clientTransport } from "../../transport/index.ts";
import { type Middleware, settle } from "../index.ts";
import { Breakers } from "./breakers.ts";
import { notAllowed } from "./not-allowed.ts";

export interface CircuitBreakerOptions {
  /** Makes the breaker of an operation, when it is first called. @default {() => new SreBreaker()} */
  readonly breaker?: (operation: string) => Breaker;
}

/** The codes that tell of a server in trouble; all others tell of one that answers. */
const failures: ReadonlySet<number> = new Set([500, 503, 504]);

const mostOperations = 1024;

/**
 * Answers calls that the breaker of their operation does not allow with 503 `CIRCUITBREAKER`, which count as
 * failed; tells it how the others ended: failed is 500, 503 and 504, and whatever has no code.
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  const breakers = new Breakers(options.breaker ?? (() => new SreBreaker()), mostOperations);
  return (next) => (request, context) => {
    const transport = clientTransport(context);
    if (transport === undefined) return next(request, context);
    const breaker = breakers.get(transport.operation);
    if (!breaker.allow()) {
      breaker.markFailed();
      return Promise.reject(notAllowed());
    }
    const done = (error?: unknown): void => {
      if (failures.has(code(error))) breaker.markFailed();
      else breaker.markSuccess();
    };
    return settle(() => next(request, context), done);
  };
}
