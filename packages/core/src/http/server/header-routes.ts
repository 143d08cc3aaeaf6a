import type { Exchange } from "../wire/exchange.ts";
import type { ServerRoute } from "./route.ts";

/** A header of a request, and the route of those that have it. */
export interface HeaderRoute {
  readonly name: string;
  /** Empty is any value. */
  readonly value: string;
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
