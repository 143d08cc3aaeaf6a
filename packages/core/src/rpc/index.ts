export { type CallOptions, callOptions, withCallOptions } from "./call-options.ts";
export { type Client, type ClientMethod, createClient } from "./client.ts";
export type { ClientCall, Connection } from "./connection.ts";
export { deferStream, mapStream } from "./map-stream.ts";
export { bindService, completer, composeOperation, type Operation } from "./operation.ts";
export { type ClientEdge, limitContext, prepareCall } from "./prepare-call.ts";
export {
  type AnyService,
  type MethodImpl,
  operationName,
  type ServiceImpl,
} from "./service-impl.ts";
