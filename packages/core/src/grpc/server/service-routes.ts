import type { Codec } from "../../encoding/index.ts";
import { MiddlewareTable, type Middleware } from "../../middleware/index.ts";
import { type AnyService, bindService, type Operation, type ServiceImpl } from "../../rpc/index.ts";
import { createRoute } from "./route.ts";
import { RouteTable } from "./route-table.ts";
import { type UnknownService, unknownRoutes } from "./unknown-service.ts";

/** The services of a server: gathered until it starts, then made into routes. */
export class ServiceRoutes {
  readonly #unary: MiddlewareTable;
  readonly #streaming: MiddlewareTable;
  readonly #services: Map<string, AnyService> = new Map();
  readonly #operations: { readonly operation: Operation; readonly builtIn: boolean }[] = [];

  constructor(middleware: readonly Middleware[], streamMiddleware: readonly Middleware[] = []) {
    this.#unary = new MiddlewareTable(middleware);
    this.#streaming = new MiddlewareTable([...middleware, ...streamMiddleware]);
  }

  /** Every service so far. */
  get services(): readonly AnyService[] {
    return [...this.#services.values()];
  }

  /** Adds the middlewares of a selector. */
  use(selector: string, middleware: readonly Middleware[]): void {
    this.#unary.use(selector, ...middleware);
    this.#streaming.use(selector, ...middleware);
  }

  has(service: AnyService): boolean {
    return this.#services.has(service.typeName);
  }

  /**
   * Adds a service. A built-in one has no middleware, and its streams do not hold a graceful stop.
   * @throws {TypeError} If it is there already, or a method is not implemented.
   */
  add<S extends AnyService>(
    service: S,
    implementation: ServiceImpl<S>,
    options: { readonly builtIn?: boolean } = {},
  ): void {
    if (this.has(service)) {
      throw new TypeError(
        `Cannot register a service as it must be registered once: current value is ${service.typeName}`,
      );
    }
    for (const operation of bindService(service, implementation)) {
      this.#operations.push({ operation, builtIn: options.builtIn ?? false });
    }
    this.#services.set(service.typeName, service);
  }

  /** Composes the routes; `unknown` answers what no service has. */
  compose(codecs: readonly Codec[], unknown?: UnknownService): RouteTable {
    const routes = new Map(
      this.#operations.map(({ operation, builtIn }) => [
        operation.name,
        createRoute(operation, {
          table: builtIn ? bare : this.#tableOf(operation),
          codecs,
          standing: builtIn,
        }),
      ]),
    );
    return new RouteTable(routes, unknown && unknownRoutes(unknown, this.#streaming));
  }

  #tableOf(operation: Operation): MiddlewareTable {
    return operation.method.methodKind === "unary" ? this.#unary : this.#streaming;
  }
}

/** An authentication must not stop a probe of health, nor a limit the one who looks for its cause. */
const bare = new MiddlewareTable();
