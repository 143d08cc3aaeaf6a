/**
 * Gives each request an id: in the context, in the answer and in the log.
 *
 *     new HttpServer({ filters: [requestId()] });
 */
import { randomUUID } from "node:crypto";
import { type Context, createSharedContextKey } from "../../context/index.ts";
import { contextWithFields } from "../../log/index.ts";
import type { Exchange, Filter } from "../wire/exchange.ts";

/** Settings of `requestId`. */
export interface RequestIdOptions {
  /** The header of the id. @default {"X-Request-Id"} */
  readonly header?: string;
  /**
   * Whether the id a client sends is taken, where it has 1 to 128 letters, digits and `._~:/+=@-`; a function is
   * asked for each request. @default {false}
   */
  readonly trust?: boolean | ((exchange: Exchange) => boolean);
  /** Makes an id. @default a random UUID */
  readonly generate?: () => string;
}

const defaults: Required<RequestIdOptions> = {
  header: "X-Request-Id",
  trust: false,
  generate: randomUUID,
};

const key = /* @__PURE__ */ createSharedContextKey("http/request-id", "");
const fitId = /^[\w.~:/+=@-]{1,128}$/;

/**
 * Makes a filter that takes or makes an id, says it in the answer's header, and puts it into the context and, as
 * `request_id`, among the fields of the loggers bound to it.
 * @throws {TypeError} If the header is no name of one.
 */
export function requestId(options: RequestIdOptions = {}): Filter {
  const { header, trust, generate } = { ...defaults, ...options };
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header)) {
    throw new TypeError(
      `Cannot say a request's id as header must be the name of one: current value is ${JSON.stringify(header)}`,
    );
  }
  const isTrusted = typeof trust === "function" ? trust : () => trust;
  return (next) => (exchange, ctx) => {
    const sent = exchange.requestHeader.get(header);
    const id = fitId.test(sent) && isTrusted(exchange) ? sent : generate();
    exchange.replyHeader.set(header, id);
    return next(exchange, contextWithFields(ctx.with(key, id), { request_id: id }));
  };
}

/** The id that `requestId` gave the request of a context; "" for none. */
export function requestIdOf(ctx: Context): string {
  return ctx.get(key);
}
