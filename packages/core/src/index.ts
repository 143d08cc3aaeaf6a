export { App, type AppInfo, appInfo, type AppOptions, type Hook } from "./app/index.ts";
export {
  background,
  type Context,
  type ContextKey,
  createContextKey,
  sleep,
} from "./context/index.ts";
export {
  badRequest,
  clientClosed,
  conflict,
  defineErrors,
  type ErrorHelpers,
  forbidden,
  fromError,
  gatewayTimeout,
  internalServer,
  isBadRequest,
  isClientClosed,
  isConflict,
  isForbidden,
  isGatewayTimeout,
  isInternalServer,
  isKratosError,
  isNotFound,
  isServiceUnavailable,
  isTooManyRequests,
  isUnauthorized,
  KratosError,
  type KratosErrorOptions,
  notFound,
  serviceUnavailable,
  tooManyRequests,
  unauthorized,
} from "./errors/index.ts";
export { createLogger, defaultLogger, type Logger, setDefaultLogger } from "./log/index.ts";
export { chain, type Handler, type Middleware, type Wrap } from "./middleware/index.ts";
export type { Discovery, Registrar, ServiceInstance } from "./registry/index.ts";
export { localRegistry } from "./registry/local/index.ts";
export { memoryRegistry } from "./registry/memory/index.ts";
export {
  type CallOptions,
  type Client,
  type Connection,
  createClient,
  type MethodImpl,
  type ServiceImpl,
} from "./rpc/index.ts";
export {
  clientTransport,
  type Header,
  type Server,
  draining,
  serverTransport,
  type Transport,
} from "./transport/index.ts";
