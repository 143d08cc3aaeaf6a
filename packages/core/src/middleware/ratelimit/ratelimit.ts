/**
 * Refuses requests that a busy server cannot answer soon, before any work is done for them.
 *
 *     const limit = rateLimit();
 *     new HttpServer({ middleware: [recovery(), limit] });
 *     new GrpcServer({ middleware: [recovery(), limit] });
 *
 * One middleware is one limit: servers that are given the same one share it.
 *
 * Ported from go-kratos/kratos v2.9.2 middleware/ratelimit. Different on purpose: a request whose answer is a
 * stream is under way until the stream is over, or its caller has left.
 */
import { BbrLimiter, type Limiter } from "@kratosjs/aegis/bbr";
import { type Middleware, settle } from "../index.ts";
import { limitExceeded } from "./limit-exceeded.ts";

export interface RateLimitOptions {
  /** Decides who is let in. @default {new BbrLimiter()} */
  readonly limiter?: Limiter;
}

/** Answers requests that the limiter does not let in with 429 `RATELIMIT`; tells it when the others are over. */
export function rateLimit(options: RateLimitOptions = {}): Middleware {
  const limiter = options.limiter ?? new BbrLimiter();
  return (next) => (request, context) => {
    const done = limiter.allow();
    if (done === undefined) return Promise.reject(limitExceeded());
    return settle(() => next(request, context), done);
  };
}
