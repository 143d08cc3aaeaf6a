export { formatGrpcTimeout, parseGrpcTimeout } from "./grpc-timeout.ts";
export type { Header } from "./header.ts";
export { HeaderMap } from "./header-map.ts";
export { isReservedName, readMetadata, writeMetadata } from "./metadata-fields.ts";
export type { Server } from "./server.ts";
export {
  clientTransport,
  replyTrailer,
  serverTransport,
  type Transport,
  withClientTransport,
  withServerTransport,
} from "./transport.ts";
export { draining, DrainNotice } from "./drain-notice.ts";
export { checkLimits } from "./check-limits.ts";
export { type Address, formatHostPort, parseAddress } from "./address.ts";
export {
  listenError,
  type ListenPlace,
  listenTarget,
  type Network,
  parseListenPlace,
} from "./network.ts";
