import type { Route } from "./route.ts";

/** What a server serves, by path. */
export class RouteTable {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #services: ReadonlySet<string>;
  readonly #unknown: ((path: string) => Route) | undefined;

  /** `unknown` makes the routes of methods that no service has; without it they have none. */
  constructor(routes: ReadonlyMap<string, Route>, unknown: ((path: string) => Route) | undefined) {
    this.#routes = routes;
    this.#services = new Set([...routes.keys()].map((path) => nameParts(path).service));
    this.#unknown = unknown;
  }

  find(path: string): Route | undefined {
    const route = this.#routes.get(path);
    if (route !== undefined || this.#unknown === undefined) return route;
    return isMethodName(path) ? this.#unknown(path) : undefined;
  }

  /** Says why a path has no route. */
  whyNone(path: string): string {
    const { service, method } = nameParts(path.slice(0, 256));
    if (service === "" || method === "") return "malformed method name";
    return this.#services.has(service)
      ? `unknown method ${method} for service ${service}`
      : `unknown service ${service}`;
  }
}

function nameParts(path: string): { readonly service: string; readonly method: string } {
  const [, service = "", method = ""] = path.split("/");
  return { service, method };
}

function isMethodName(path: string): boolean {
  const { service, method } = nameParts(path);
  return path === `/${service}/${method}` && service !== "" && method !== "";
}
