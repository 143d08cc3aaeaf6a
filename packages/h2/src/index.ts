export type {
  ClientSession,
  EncodedHeaders,
  Engine,
  HeaderBlock,
  OutgoingHeaders,
  ServerSessionOptions,
  Session,
  SessionCounters,
  SessionOptions,
  Stream,
  StreamAcceptor,
  StreamListener,
} from "./contract.ts";
export { connectH2, type ConnectOptions, type ConnectTarget } from "./client/connect-h2.ts";
export { engine } from "./engine.ts";
export { errorCodes } from "./error-codes.ts";
export { H2Error, type H2ErrorOptions, type H2ErrorScope } from "./h2-error.ts";
export { encodeHeaders } from "./hpack/encoder.ts";
export { checkSessionOptions } from "./session/session-defaults.ts";
export { nodeHttp2 } from "./node-http2.ts";
export { createH2Server, type H2ServerOptions } from "./server/create-h2-server.ts";
export { FirstBytes, type FirstBytesOptions, type Spoken } from "./server/first-bytes.ts";
export type { H2Server, H2ServerCounters, ListenOptions } from "./server/h2-server.ts";
