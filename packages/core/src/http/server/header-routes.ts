import type { Exchange } from "../wire/exchange.ts";
import type { ServerRoute } from "./route.ts";

/** A header that requests are told by. */
export interface HeaderMatch {
  readonly name: string;
  /** Empty is any value. */
  readonly value: string;
}

/** The route of requests that have a header. */
export interface HeaderRoute extends HeaderMatch {
  readonly route: ServerRoute;
}

/** Routes by what a request says in its head. */
export class HeaderRoutes {
  readonly #routes: HeaderRoute[] = [];

  add(route: HeaderRoute): void {
    this.#routes.push(route);
  }

  /** The first one added whose header the request has. */
  find({ requestHeader }: Exchange): ServerRoute | undefined {
    if (this.#routes.length === 0) return undefined;
    return this.#routes.find(({ name, value }) => {
      const values = requestHeader.values(name);
      return value === "" ? values.length > 0 : values.includes(value);
    })?.route;
  }
}
