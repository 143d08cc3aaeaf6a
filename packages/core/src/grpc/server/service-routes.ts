import type { Codec } from "../../encoding/index.ts";
import { MiddlewareTable, type Middleware } from "../../middleware/index.ts";
import { type AnyService, bindService, type Operation, type ServiceImpl } from "../../rpc/index.ts";
import { createRoute, type Route } from "./route.ts";

/** The services of a server: gathered until it starts, then made into routes. */
export class ServiceRoutes {
  readonly #table: MiddlewareTable;
  readonly #services: Map<string, AnyService> = new Map();
  readonly #operations: { readonly operation: Operation; readonly standing: boolean }[] = [];

  constructor(middleware: readonly Middleware[]) {
    this.#table = new MiddlewareTable(middleware);
  }

  /** Every service so far. */
  get services(): readonly AnyService[] {
    return [...this.#services.values()];
  }

  /** Adds the middlewares of a selector. */
  use(selector: string, middleware: readonly Middleware[]): void {
    this.#table.use(selector, ...middleware);
  }

  has(service: AnyService): boolean {
    return this.#services.has(service.typeName);
  }

  /**
   * Adds a service.
   * @throws {TypeError} If it is there already, or a method is not implemented.
   */
  add<S extends AnyService>(
    service: S,
    implementation: ServiceImpl<S>,
    options: { readonly standing?: boolean } = {},
  ): void {
    if (this.has(service)) {
      throw new TypeError(
        `Cannot register a service as it must be registered once: current value is ${service.typeName}`,
      );
    }
    for (const operation of bindService(service, implementation)) {
      this.#operations.push({ operation, standing: options.standing ?? false });
    }
    this.#services.set(service.typeName, service);
  }

  /** Composes the routes, by path. */
  compose(codecs: readonly Codec[]): ReadonlyMap<string, Route> {
    return new Map(
      this.#operations.map(({ operation, standing }) => [
        operation.name,
        createRoute(operation, { table: this.#table, codecs, standing }),
      ]),
    );
  }
}
