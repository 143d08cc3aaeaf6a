import { chain, type MiddlewareTable } from "../../middleware/index.ts";
import { parseTemplate } from "../rules/index.ts";
import type { Exchange, ExchangeHandler, Filter } from "../wire/exchange.ts";
import type { Edge } from "./edge.ts";
import { HttpContext } from "./http-context.ts";
import { joinPath } from "./request-path.ts";
import { Redirect } from "./redirect.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import type { Router } from "./router.ts";
import { type CallPlan, ServerCall } from "./server-call.ts";

/**
 * Answers a route written by hand. What it returns is the reply, in the codec of the Accept, or a redirect,
 * unless it has answered itself; what it throws is answered as an error.
 */
export type RouteHandler = (http: HttpContext) => unknown;

/** What a group of routes is made of. */
export interface RouteGroupParts {
  readonly prefix: string;
  readonly filters: readonly Filter[];
  readonly edge: Edge;
  /** What of it differs for an operation. */
  readonly edgeOf: (operation: string) => Edge;
  readonly table: MiddlewareTable;
  readonly router: Router;
}

/** Routes below one prefix and inside the same filters. Middleware runs only where a handler calls `http.middleware`. */
export class RouteGroup {
  readonly #parts: RouteGroupParts;

  constructor(parts: RouteGroupParts) {
    this.#parts = parts;
  }

  /** Begins a group below this one; its filters are inside of this one's. */
  group(prefix: string, ...filters: readonly Filter[]): RouteGroup {
    const joined = joinPath(this.#parts.prefix, prefix);
    return new RouteGroup({
      ...this.#parts,
      prefix: joined,
      filters: [...this.#parts.filters, ...filters],
    });
  }

  /** Adds a route; the method `*` is every one that has no route of its own here. */
  handle(route: HandRoute, handler: RouteHandler): this {
    const { prefix, router } = this.#parts;
    const path = withoutLastSlash(joinPath(prefix, route.path));
    const served = new HandWrittenRoute(handler, path, {
      ...this.#parts,
      edge: this.#parts.edgeOf(path),
      filters: [...this.#parts.filters, ...(route.filters ?? [])],
    });
    router.add({ method: route.method, path, route: served, place: `route ${path}` });
    return this;
  }

  /** Adds a route for GET and HEAD. The filters are inside of the group's. */
  GET(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "GET", path, filters }, handler);
  }

  /** Adds a route for POST. */
  POST(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "POST", path, filters }, handler);
  }

  /** Adds a route for PUT. */
  PUT(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "PUT", path, filters }, handler);
  }

  /** Adds a route for PATCH. */
  PATCH(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "PATCH", path, filters }, handler);
  }

  /** Adds a route for DELETE. */
  DELETE(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "DELETE", path, filters }, handler);
  }

  /** Adds a route for OPTIONS. */
  OPTIONS(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "OPTIONS", path, filters }, handler);
  }

  /** Adds a route for TRACE. */
  TRACE(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "TRACE", path, filters }, handler);
  }

  /** Adds a route for HEAD, in place of GET's. */
  HEAD(path: string, handler: RouteHandler, ...filters: readonly Filter[]): this {
    return this.handle({ method: "HEAD", path, filters }, handler);
  }
}

/** A route written by hand. */
export interface HandRoute {
  readonly method: string;
  /** Below the group's prefix, without a slash at its end; `{name}`, `{name:[0-9]+}`, `*` and `**` are understood. */
  readonly path: string;
  /** Around this route, inside the group's. @default {[]} */
  readonly filters?: readonly Filter[];
}

// Go's groups drop it; strict slash leads there from the path that has it.
function withoutLastSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

class HandWrittenRoute implements ServerRoute {
  readonly #handler: RouteHandler;
  readonly #parts: RouteGroupParts;
  readonly #names: readonly string[];
  readonly #plan: CallPlan;

  constructor(handler: RouteHandler, path: string, parts: RouteGroupParts) {
    const { edge } = parts;
    this.#handler = handler;
    this.#parts = parts;
    this.#names = parseTemplate(path).variables.map(({ name }) => name);
    this.#plan = {
      operation: path,
      pathTemplate: path,
      timeoutMs: edge.timeoutMs,
      endpoint: edge.endpoint,
      answerError: edge.answerError,
    };
  }

  async serve(exchange: Exchange, parts: RouteParts): Promise<void> {
    const call = new ServerCall(exchange, parts.ctx, this.#plan);
    const innermost: ExchangeHandler = () => this.#run(call, parts);
    try {
      await chain(...this.#parts.filters)(innermost)(exchange, call.context);
    } catch (error) {
      if (exchange.answered) throw error;
      call.fail(error);
    }
  }

  async #run(call: ServerCall, { variables, query }: RouteParts): Promise<void> {
    const { edge, table } = this.#parts;
    const http = new HttpContext({
      call,
      edge,
      table,
      names: this.#names,
      values: variables,
      query,
    });
    const value = await this.#handler(http);
    if (call.exchange.answered) return;
    if (value instanceof Redirect) http.redirect(value.code, value.location);
    else http.result(200, value);
  }
}
