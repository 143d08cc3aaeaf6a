import type { MiddlewareTable } from "../../middleware/index.ts";
import type { Operation } from "../../rpc/index.ts";
import { bindingsOf, createBinding, type HttpBinding, parseTemplate } from "../rules/index.ts";
import { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import type { RouteInit } from "./router.ts";
import { StreamRoute } from "./stream-route.ts";
import { UnaryRoute } from "./unary-route.ts";

/** What the routes of a service are made with. */
export interface ServiceRoutesOptions {
  readonly edge: Edge;
  readonly table: MiddlewareTable;
  readonly pathPrefix: string;
}

/** The routes of an operation, and the operation they share. */
export interface OperationRoutes {
  readonly bound: BoundOperation;
  readonly routes: readonly RouteInit[];
}

/**
 * Makes the routes of an operation: one a google.api.http rule, and `POST /package.Service/Method` with
 * the message as the body. Streams of requests have none: no request of HTTP/1.1 carries them both ways.
 * @throws {TypeError} If a rule is impossible.
 */
export function operationRoutes(
  operation: Operation,
  { edge, table, pathPrefix }: ServiceRoutesOptions,
): OperationRoutes {
  const bound = new BoundOperation(operation, table);
  const { methodKind } = operation.method;
  if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
    return { bound, routes: [] };
  }
  const Route = methodKind === "unary" ? UnaryRoute : StreamRoute;
  const routes = allBindings(operation).map((binding): RouteInit => {
    const path = `${pathPrefix}${binding.template.text}`;
    const prefixed = pathPrefix === "" ? binding : { ...binding, template: parseTemplate(path) };
    const route = new Route(bound, prefixed, edge);
    return { method: binding.httpMethod, path, route, place: binding.place };
  });
  return { bound, routes };
}

function allBindings({ name, method }: Operation): readonly HttpBinding[] {
  const bindings = bindingsOf(method);
  const hasRpcPath = bindings.some(
    ({ httpMethod, template }) => httpMethod === "POST" && template.text === name,
  );
  if (hasRpcPath) return bindings;
  const rpc = { httpMethod: "POST", path: name, body: "*", place: name };
  return [...bindings, createBinding(method, rpc)];
}
