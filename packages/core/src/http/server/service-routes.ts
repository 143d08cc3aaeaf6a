import type { MiddlewareTable } from "../../middleware/index.ts";
import type { Operation } from "../../rpc/index.ts";
import { DownloadRoute, downloadPlace } from "../files/download-route.ts";
import { UploadRoute, uploadPlace } from "../files/upload-route.ts";
import { bindingsOf, createBinding, type HttpBinding, parseTemplate } from "../rules/index.ts";
import { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import type { RouteInit } from "./router.ts";
import { rpcRoutes } from "./rpc-route.ts";
import { StreamRoute } from "./stream-route.ts";
import { UnaryRoute } from "./unary-route.ts";
import { WebSocketRoute } from "./web-socket-route.ts";

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
 * Makes the routes of an operation: one a google.api.http rule, and `POST /package.Service/Method`, which
 * is also spoken to in Connect and gRPC-Web. The rules of streams of requests are WebSockets, and
 * those of google.api.HttpBody are plain uploads and downloads as well.
 * @throws {TypeError} If a rule is impossible.
 */
export function operationRoutes(
  operation: Operation,
  { edge, table, pathPrefix }: ServiceRoutesOptions,
): OperationRoutes {
  const bound = new BoundOperation(operation, table);
  const { methodKind } = operation.method;
  const rpcPath = `${pathPrefix}${operation.name}`;
  if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
    const uploads = uploadRoutes(bound, { edge, pathPrefix });
    const plain = uploads.find(({ method, path }) => method === "POST" && path === rpcPath);
    const { post } = rpcRoutes(bound, rpcPath, { edge, plain: plain?.route });
    const rpc = { method: "POST", path: rpcPath, route: post, place: operation.name };
    const others = uploads.filter((each) => each !== plain);
    return { bound, routes: [...webSocketRoutes(bound, { edge, pathPrefix }), ...others, rpc] };
  }
  const routes = allBindings(operation).map((binding): RouteInit => {
    const Stream = downloadPlace(bound, binding) === undefined ? StreamRoute : DownloadRoute;
    const Route = methodKind === "unary" ? UnaryRoute : Stream;
    const path = `${pathPrefix}${binding.template.text}`;
    const prefixed = pathPrefix === "" ? binding : { ...binding, template: parseTemplate(path) };
    const route = new Route(bound, prefixed, edge);
    return { method: binding.httpMethod, path, route, place: binding.place };
  });
  return { bound, routes: withProtocols(routes, rpcPath, { bound, edge }) };
}

/** Puts the RPC protocols before the plain route at the RPC path, and a GET there unless a rule has it. */
function withProtocols(
  routes: readonly RouteInit[],
  rpcPath: string,
  { bound, edge }: { readonly bound: BoundOperation; readonly edge: Edge },
): readonly RouteInit[] {
  const isAt = (httpMethod: string) => (each: RouteInit) =>
    each.method === httpMethod && each.path === rpcPath;
  const plain = routes.find(isAt("POST"));
  if (plain === undefined) return routes;
  const { post, get } = rpcRoutes(bound, rpcPath, { edge, plain: plain.route });
  const all = routes.map((each) => (each === plain ? { ...plain, route: post } : each));
  const { name: place } = bound.operation;
  if (get === undefined || routes.some(isAt("GET"))) return all;
  return [...all, { method: "GET", path: rpcPath, route: get, place }];
}

/** A stream of google.api.HttpBody from the peer alone is also the body of a request of the rule's own verb. */
function uploadRoutes(
  bound: BoundOperation,
  { edge, pathPrefix }: { readonly edge: Edge; readonly pathPrefix: string },
): readonly RouteInit[] {
  const { operation } = bound;
  if (operation.method.methodKind !== "client_streaming") return [];
  const bindings = allBindings(operation).filter(
    (each) => each.httpMethod !== "GET" && uploadPlace(bound, each) !== undefined,
  );
  return bindings.map((binding) => {
    const path = `${pathPrefix}${binding.template.text}`;
    const prefixed = pathPrefix === "" ? binding : { ...binding, template: parseTemplate(path) };
    const route = new UploadRoute(bound, prefixed, edge);
    return { method: binding.httpMethod, path, route, place: binding.place };
  });
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

/** Streams of requests are WebSockets, which begin with a GET whatever the rule's method is. */
function webSocketRoutes(
  bound: BoundOperation,
  { edge, pathPrefix }: Omit<ServiceRoutesOptions, "table">,
): readonly RouteInit[] {
  const byPath = new Map<string, RouteInit>();
  for (const binding of bindingsOf(bound.operation.method)) {
    const path = `${pathPrefix}${binding.template.text}`;
    if (byPath.has(path)) continue;
    const route = new WebSocketRoute(bound, { ...binding, template: parseTemplate(path) }, edge);
    byPath.set(path, { method: "GET", path, route, place: binding.place });
  }
  return [...byPath.values()];
}
