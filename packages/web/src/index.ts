export { type CallOptions, type Client, type Connection, createClient } from "@kratosjs/core/rpc";
export { createRestConnection } from "./rest-connection.ts";
export {
  type BaseConnectionOptions,
  type FetchCredentials,
  type RestConnectionOptions,
  type WebConnectionOptions,
} from "./web-connection-options.ts";
export { createWebConnection } from "./web-connection.ts";
export { webJson, webProto } from "./web-codecs.ts";
