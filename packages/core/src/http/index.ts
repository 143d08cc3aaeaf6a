export { HttpClient } from "./client/http-client.ts";
export type { HttpClientOptions, HttpClientTls } from "./client/http-client-options.ts";
export { HttpServer } from "./server/http-server.ts";
export type { HttpServerOptions } from "./server/http-server-options.ts";
export type { BodyCall, ErrorEncoder, RequestDecoder, ResponseEncoder } from "./server/hooks.ts";
export { HttpContext, type ResultOptions } from "./server/http-context.ts";
export { type HandRoute, RouteGroup, type RouteHandler } from "./server/route-group.ts";
export { type HttpTransport, httpTransport } from "./server/http-transport.ts";
export type { FetchHandler, MountHandler, NodeHandler } from "./server/mount.ts";
export type {
  Answer,
  AnswerHead,
  Exchange,
  ExchangeHandler,
  Filter,
  NodeMessages,
} from "./wire/exchange.ts";
export type { InjectedReply, InjectedRequest } from "./wire/inject.ts";
