export { chain, type Handler, type Middleware, type Wrap } from "./middleware.ts";
export { isAsyncIterable, settle } from "./settle.ts";
export { MiddlewareTable } from "./middleware-table.ts";
