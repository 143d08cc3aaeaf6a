export type { Header } from "./header.ts";
export { HeaderMap } from "./header-map.ts";
export type { Server } from "./server.ts";
export {
  clientTransport,
  serverTransport,
  type Transport,
  withClientTransport,
  withServerTransport,
} from "./transport.ts";
export {
  type Address,
  advertisedHost,
  formatHostPort,
  type Interfaces,
  parseAddress,
} from "./address.ts";
