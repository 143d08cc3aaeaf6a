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
export { engine } from "./engine.ts";
export { errorCodes } from "./error-codes.ts";
export { H2Error, type H2ErrorOptions, type H2ErrorScope } from "./h2-error.ts";
export { encodeHeaders } from "./hpack/encoder.ts";
export { nodeHttp2 } from "./node-http2.ts";
