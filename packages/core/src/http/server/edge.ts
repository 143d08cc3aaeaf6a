import type { CodecRegistry } from "../../encoding/index.ts";
import type { WebSocketAcceptor } from "../websocket/web-socket-acceptor.ts";
import type { UploadLimits } from "../files/upload-options.ts";
import type { ErrorEncoder, RequestDecoder, ResponseEncoder, ValuesDecoder } from "./hooks.ts";

/** What all routes of a server share. */
export interface Edge {
  readonly codecs: CodecRegistry;
  readonly maxBodyBytes: number;
  readonly uploads: UploadLimits;
  /** Milliseconds for unary calls; 0 is none. */
  readonly timeoutMs: number;
  /** Milliseconds between the comments of a silent stream. */
  readonly heartbeatMs: number;
  readonly webSockets: WebSocketAcceptor;
  readonly requestDecoder: RequestDecoder | undefined;
  readonly requestVarsDecoder?: ValuesDecoder | undefined;
  readonly requestQueryDecoder?: ValuesDecoder | undefined;
  readonly responseEncoder: ResponseEncoder | undefined;
  readonly answerError: ErrorEncoder;
  /** The server's advertised URL, "" while it is not known. */
  readonly endpoint: () => string;
}
