import type { Context } from "../../context/index.ts";
import { badRequest, KratosError, notFound } from "../../errors/index.ts";
import {
  createRouteTable,
  type MethodMismatch,
  parseTemplate,
  type RouteMatch,
  type RouteTable,
} from "../rules/index.ts";
import type { Exchange, ExchangeHandler } from "../wire/exchange.ts";
import { cleanPath, splitTarget, type Target } from "./request-path.ts";
import { type HeaderRoute, HeaderRoutes } from "./header-routes.ts";
import type { ServerRoute } from "./route.ts";
import { rpcProtocolOf } from "./rpc-protocol.ts";

/** How a router treats what no route fits. */
export interface RouterOptions {
  readonly strictSlash: boolean;
  readonly notFound: ExchangeHandler | undefined;
  readonly methodNotAllowed: ExchangeHandler | undefined;
}

/** A route to add. */
export interface RouteInit {
  readonly method: string;
  readonly path: string;
  readonly route: ServerRoute;
  /** Who adds it, for the error when two routes take the same paths. */
  readonly place: string;
}

type Found = RouteMatch<ServerRoute>;

/**
 * Leads exchanges to routes. A path that is not clean, or has a slash too many or too few for its route,
 * is answered with a redirect; HEAD goes where GET goes.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #table: RouteTable<ServerRoute> = createRouteTable<ServerRoute>();
  readonly #prefixes: { readonly prefix: string; readonly route: ServerRoute }[] = [];
  readonly #headers: HeaderRoutes = new HeaderRoutes();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** @throws {TypeError} If the path is no template, or another route takes the same paths. */
  add({ method, path, route, place }: RouteInit): void {
    this.#table.add({ method, template: parseTemplate(path), value: route, place });
  }

  /** Adds a route for all paths that begin with this text and have no route of their own; the longest prefix wins. */
  addPrefix(prefix: string, route: ServerRoute): void {
    this.#prefixes.push({ prefix, route });
    this.#prefixes.sort((left, right) => right.prefix.length - left.prefix.length);
  }

  /** Adds a route for requests with a header, on paths that have no route of their own. */
  addHeader(route: HeaderRoute): void {
    this.#headers.add(route);
  }

  /** The methods and templates of all routes, in the order they were added. */
  routes(): readonly { readonly method: string; readonly path: string }[] {
    return this.#table.routes().map(({ method, template }) => ({ method, path: template.text }));
  }

  handle(exchange: Exchange, ctx: Context): Promise<void> | void {
    const target = splitTarget(exchange.target);
    if (target.path.length > maxPathLength) throw tooLong();
    const clean = cleanPath(target.path);
    if (clean !== target.path) return redirect(exchange, clean, target);
    const found = this.#match(exchange.method, target.path);
    if (found?.route !== undefined) {
      const { variables, route } = found;
      return route.value.serve(exchange, { ctx, variables, query: target.query });
    }
    const byHeader = this.#headers.find(exchange);
    if (byHeader !== undefined) {
      return byHeader.serve(exchange, { ctx, variables: [], query: target.query });
    }
    const slashed = this.#options.strictSlash ? this.#otherSlash(exchange.method, target.path) : "";
    if (slashed !== "") return redirect(exchange, slashed, target);
    for (const { prefix, route } of this.#prefixes) {
      if (target.path.startsWith(prefix)) {
        return route.serve(exchange, { ctx, variables: [], query: target.query });
      }
    }
    return this.#miss(exchange, { ctx, allowed: found?.allowed });
  }

  #match(method: string, path: string): Found | MethodMismatch | undefined {
    try {
      const found = this.#table.match(method, path);
      if (method !== "HEAD" || found?.route !== undefined) return found;
      const get = this.#table.match("GET", path);
      return get?.route === undefined ? found : get;
    } catch (error) {
      throw badRequest("CODEC", "the path has an invalid escape", { cause: error });
    }
  }

  #otherSlash(method: string, path: string): string {
    if (path === "/") return "";
    const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    return this.#match(method, other)?.route === undefined ? "" : other;
  }

  #miss(
    exchange: Exchange,
    { ctx, allowed }: { readonly ctx: Context; readonly allowed: readonly string[] | undefined },
  ): Promise<void> | void {
    // Clients of the RPC protocols tell by a bare status that there is nobody who speaks them.
    const speaksRpc = rpcProtocolOf(exchange) !== undefined;
    if (allowed === undefined) {
      if (this.#options.notFound !== undefined) return this.#options.notFound(exchange, ctx);
      if (speaksRpc) return exchange.reply({ status: 404 });
      throw notFound("NOT_FOUND", "no route has this path");
    }
    const methods = allowed.includes("GET") ? [...allowed, "HEAD"] : allowed;
    exchange.replyHeader.set("Allow", [...new Set(methods)].toSorted().join(", "));
    if (this.#options.methodNotAllowed !== undefined) {
      return this.#options.methodNotAllowed(exchange, ctx);
    }
    if (speaksRpc) return exchange.reply({ status: 405 });
    throw new KratosError("the path has no route for this method", {
      code: 405,
      reason: "METHOD_NOT_ALLOWED",
    });
  }
}

// The route table's own limit: beyond it nothing matches.
const maxPathLength = 8192;

function tooLong(): KratosError {
  return new KratosError(`the path is longer than ${maxPathLength} characters`, {
    code: 414,
    reason: "URI_TOO_LONG",
  });
}

/** Permanently; only a method that has no body may be repeated as another one. */
function redirect(exchange: Exchange, path: string, { query }: Target): void {
  const status = exchange.method === "GET" || exchange.method === "HEAD" ? 301 : 308;
  // Browsers take a backslash for a slash: "/\host" would lead to another host.
  const location = path.replaceAll("\\", "%5C");
  const headers = ["Location", query === "" ? location : `${location}?${query}`];
  exchange.reply({ status, headers });
}
