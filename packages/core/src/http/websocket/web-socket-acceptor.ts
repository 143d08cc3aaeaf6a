import type { IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import {
  badRequest,
  clientClosed,
  forbidden,
  KratosError,
  serviceUnavailable,
} from "../../errors/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";
import { type CloseInfo, MessageSocket } from "./message-socket.ts";
import { isAllowedOrigin } from "./origin.ts";
import type { WebSocketOptions } from "./web-socket-options.ts";

/** What an acceptor needs to know of its server. */
export interface AcceptorOptions extends Required<WebSocketOptions> {
  /** Milliseconds a peer may take nothing. */
  readonly writeTimeoutMs: number;
}

/** Somebody who has to know when the server stops. */
export interface Leaver {
  goAway(error: KratosError): void;
}

const keyForm = /^[+/0-9A-Za-z]{22}==$/;
const tokensForm = /^[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~\w]+)*$/;
const closeTimeoutMs = 5000;

/** Opens WebSockets on the connections of a server, and lets them all go when it stops. */
export class WebSocketAcceptor {
  readonly options: AcceptorOptions;
  readonly #server: WebSocketServer;
  readonly #open: Set<Leaver> = new Set();
  readonly #replyLines: WeakMap<IncomingMessage, readonly string[]> = new WeakMap();
  #isStopping = false;

  constructor(options: AcceptorOptions) {
    this.options = options;
    const { subprotocols, maxMessageBytes, perMessageDeflate } = options;
    const settings = {
      noServer: true,
      clientTracking: false,
      maxPayload: maxMessageBytes,
      perMessageDeflate,
      closeTimeout: closeTimeoutMs,
      handleProtocols: (offered: ReadonlySet<string>) =>
        [...offered].find((name) => subprotocols.includes(name)) ?? false,
    };
    this.#server = new WebSocketServer(settings);
    this.#server.on("headers", (lines, request) => {
      lines.push(...(this.#replyLines.get(request) ?? []));
    });
  }

  /**
   * Looks whether a request may become a WebSocket.
   * @throws {KratosError} 426 if it does not ask for one, 400 if it asks wrongly, 403 for a strange origin, 503 when the server stops.
   */
  check(exchange: Exchange): void {
    const { rawHeaders } = exchange;
    if (exchange.upgrade === undefined) throw upgradeRequired(exchange);
    if (!isAllowedOrigin(exchange, this.options.origins)) {
      throw forbidden("ORIGIN_NOT_ALLOWED", "pages of this origin must not open a WebSocket");
    }
    const [key = "", ...moreKeys] = allLines(rawHeaders, "sec-websocket-key");
    const [version = ""] = allLines(rawHeaders, "sec-websocket-version");
    const protocols = allLines(rawHeaders, "sec-websocket-protocol");
    if (version !== "13") {
      exchange.replyHeader.set("Sec-WebSocket-Version", "13");
      throw upgradeRequired(exchange);
    }
    if (!keyForm.test(key) || moreKeys.length > 0) throw notAHandshake("Sec-WebSocket-Key");
    const offered = protocols
      .join(",")
      .split(",")
      .map((name) => name.trim());
    if (protocols.length > 0 && !isProtocolList(protocols.join(","), offered)) {
      throw notAHandshake("Sec-WebSocket-Protocol");
    }
    if (this.#isStopping) throw serverStopped();
  }

  /** Answers 101 with the reply headers set so far. @throws {KratosError} 499 if the peer has left, 503 when the server stops. */
  accept(exchange: Exchange, leaver: Leaver): MessageSocket {
    const { upgrade, node } = exchange;
    if (this.#isStopping) throw serverStopped();
    if (upgrade === undefined || node === undefined || exchange.answered || exchange.closed) {
      throw clientClosed("", "the peer has left");
    }
    this.#replyLines.set(node.request, headerLines(exchange));
    const wire = upgrade.take();
    let opened: WebSocket | undefined;
    this.#server.handleUpgrade(node.request, wire, Buffer.from(upgrade.head), (socket) => {
      opened = socket;
    });
    // Only extensions are not looked at before: ws has answered 400.
    if (opened === undefined) throw clientClosed("", "the handshake has failed");
    this.#open.add(leaver);
    exchange.onClose(() => this.#open.delete(leaver));
    return new MessageSocket(opened, wire, { ...this.options, closeError });
  }

  /** Lets all peers go, and accepts no more. */
  goAway(): void {
    this.#isStopping = true;
    for (const leaver of this.#open) leaver.goAway(serverStopped());
  }
}

function headerLines({ replyHeader }: Exchange): readonly string[] {
  return replyHeader
    .keys()
    .flatMap((name) => replyHeader.values(name).map((value) => `${name}: ${value}`));
}

function isProtocolList(text: string, names: readonly string[]): boolean {
  return tokensForm.test(text.trim()) && new Set(names).size === names.length;
}

function upgradeRequired({ node }: Exchange): KratosError {
  // It says what to go on in (RFC 9110, 15.5.22); as a framing header it cannot be set otherwise.
  node?.response.setHeader("Upgrade", "websocket");
  return new KratosError("this path is a WebSocket", { code: 426, reason: "UPGRADE_REQUIRED" });
}

function notAHandshake(name: string): KratosError {
  return badRequest("WEBSOCKET", `${name} is not that of a WebSocket handshake`);
}

function serverStopped(): KratosError {
  return serviceUnavailable("SERVER_STOPPED", "the server has stopped");
}

/** To the server a broken stream is a peer that left, unless it broke the rules. */
function closeError({ code, reason, cause }: CloseInfo): KratosError {
  const fault = cause !== undefined && "code" in cause ? String(cause.code) : "";
  if (fault === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    return new KratosError("the message is too large", {
      code: 413,
      reason: "MESSAGE_TOO_LARGE",
      cause,
    });
  }
  if (fault.startsWith("WS_ERR_")) return badRequest("WEBSOCKET", cause?.message ?? "", { cause });
  const text = reason === "" ? `${code}` : `${code} ${reason}`;
  return clientClosed("", `the WebSocket has closed: ${cause?.message ?? text}`, { cause });
}
