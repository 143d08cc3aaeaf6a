import type { Message } from "@bufbuild/protobuf";
import { onEnd } from "../../context/index.ts";
import { badRequest, internalServer, KratosError, messageOf } from "../../errors/index.ts";
import type { Done } from "../../selector/index.ts";
import { clientTransport, HeaderMap } from "../../transport/index.ts";
import { noteHeader, noteTrailer } from "../protocols/reply-header.ts";
import { replyTooLarge, statusError } from "../protocols/rest-error.ts";
import { errorFromText } from "../websocket/control-frame.ts";
import { type Dialed, dialWebSocket } from "../websocket/dial-web-socket.ts";
import { type CloseInfo, MessageSocket } from "../websocket/message-socket.ts";
import { isFraming } from "../wire/framing.ts";
import type { WebSocketCallParts } from "./web-socket-call.ts";
import type { WebSocketPlan } from "./web-socket-plan.ts";

/** A WebSocket of a call. */
export interface OpenWebSocket {
  readonly socket: MessageSocket;
  readonly replyHeader: HeaderMap;
  /** Has to be told how the call ended. */
  readonly done: Done;
}

// Keeps what is between from forgetting the connection. A peer may be silent for as long as it likes: Go answers
// pings only while it reads.
const pingIntervalMs = 30_000;

/** Opens the WebSocket of a call at a node. @throws {KratosError} */
export async function openWebSocket(
  first: Message | undefined,
  parts: WebSocketCallParts,
): Promise<OpenWebSocket> {
  const { ctx, sender, tls, handshakeTimeoutMs, maxMessageBytes, codecs } = parts;
  const path = pathOf(parts.plan, first);
  const header = headerOf(parts);
  const { outcome, done } = await sender.reach(ctx, ({ scheme, address }) => {
    const limits = { tls, handshakeTimeoutMs, maxMessageBytes };
    const dialing = dialWebSocket({ scheme, address, path, header, ...limits });
    const watch = onEnd(ctx, (reason) => dialing.abort(reason));
    void dialing.outcome.then(
      () => watch.cancel(),
      () => watch.cancel(),
    );
    return dialing;
  });
  noteHeader(ctx, outcome.header);
  const { header: replyHeader } = outcome;
  if (outcome.kind === "open") {
    return { socket: socketOf(outcome, maxMessageBytes), replyHeader, done };
  }
  const { errorDecoder } = parts;
  const error = statusError(outcome.body, { reply: outcome, codecs, errorDecoder });
  noteTrailer(ctx, new HeaderMap());
  done({ error, bytesSent: true, bytesReceived: true, replyHeader });
  throw error;
}

function socketOf(
  { socket, wire }: Extract<Dialed, { readonly kind: "open" }>,
  maxMessageBytes: number,
): MessageSocket {
  return new MessageSocket(socket, wire, {
    pingIntervalMs,
    idleTimeoutMs: 0,
    writeTimeoutMs: 0,
    closeError: (close) => closeError(close, maxMessageBytes),
  });
}

function pathOf(plan: WebSocketPlan, first: Message | undefined): string {
  try {
    return plan.path(first);
  } catch (error) {
    throw badRequest("CODEC", messageOf(error), { cause: error });
  }
}

/** What a caller says itself stands in place of what the client would say; the handshake is not its business. */
function headerOf({ ctx, plan, userAgent }: WebSocketCallParts): HeaderMap {
  const { contentType } = plan;
  const header = new HeaderMap([
    ["accept", contentType],
    ["content-type", contentType],
  ]);
  if (userAgent !== "") header.set("user-agent", userAgent);
  const own = clientTransport(ctx)?.requestHeader;
  for (const name of own?.keys() ?? []) {
    if (isFraming(name) || (name.startsWith("sec-websocket-") && !name.endsWith("-protocol")))
      continue;
    header.delete(name);
    for (const value of own?.values(name) ?? []) header.add(name, value);
  }
  return header;
}

const unavailable: ReadonlySet<number> = new Set([1005, 1006, 1012, 1013, 1014]);

function closeError({ code, reason, cause }: CloseInfo, maxBytes: number): KratosError {
  const fault = cause !== undefined && "code" in cause ? String(cause.code) : "";
  if (fault === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return replyTooLarge(maxBytes);
  if (fault.startsWith("WS_ERR_")) return internalServer("WEBSOCKET", messageOf(cause), { cause });
  if (code === 1011 && reason !== "") return errorFromText(reason);
  const text = cause?.message ?? (reason === "" ? `close code ${code}` : reason);
  return new KratosError(text, { code: unavailable.has(code) ? 503 : 500, cause });
}
