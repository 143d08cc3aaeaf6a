import { defaultCodecs } from "../../encoding/defaults/index.ts";
import { uploadLimits } from "../files/upload-options.ts";
import { WebSocketAcceptor } from "../websocket/web-socket-acceptor.ts";
import { webSocketSettings } from "../websocket/web-socket-options.ts";
import type { Edge } from "./edge.ts";
import { createErrorReply } from "./error-reply.ts";
import type { defaults, HttpServerOptions } from "./http-server-options.ts";
import { withJson } from "./json-rules.ts";
import { protocolErrors } from "./protocol-errors.ts";

/** The options of a server with what stands for those not given. */
export type Settings = HttpServerOptions & Required<Pick<HttpServerOptions, keyof typeof defaults>>;

/** Makes what all routes of a server share. */
export function createEdge(settings: Settings, endpoint: () => string): Edge {
  const { errorEncoder, requestDecoder, responseEncoder, json } = settings;
  const { requestVarsDecoder, requestQueryDecoder } = settings;
  const codecs = withJson(settings.codecs ?? defaultCodecs(), json);
  const { maxBodyBytes, timeoutMs, heartbeatMs, writeTimeoutMs, webSocket } = settings;
  return {
    codecs,
    maxBodyBytes,
    uploads: uploadLimits(settings),
    timeoutMs,
    heartbeatMs,
    webSockets: new WebSocketAcceptor({ ...webSocketSettings(webSocket), writeTimeoutMs }),
    requestDecoder,
    requestVarsDecoder,
    requestQueryDecoder,
    responseEncoder,
    answerError: protocolErrors(errorEncoder ?? createErrorReply(codecs)),
    endpoint,
  };
}
