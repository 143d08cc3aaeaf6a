import type { Context } from "../../context/index.ts";
import type { Exchange } from "../wire/exchange.ts";

/** What a route has of the request besides the exchange. */
export interface RouteParts {
  readonly ctx: Context;
  /** The values of the template's variables, in its order. */
  readonly variables: readonly string[];
  /** The text after the `?`, as it came. */
  readonly query: string;
}

/** What the route table leads to. */
export interface ServerRoute {
  /** Every exchange that matches; settles when it is answered. */
  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void;
}
