import { type IncomingMessage, type Server as NodeServer, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { allLines, linePairs } from "./header-lines.ts";
import { NodeExchange, type WireState } from "./node-exchange.ts";

/** What node:http hands over with a request for an upgrade. */
export interface UpgradeRest {
  readonly socket: Duplex;
  /** What came after the head of the request. */
  readonly head: Uint8Array;
}

/** Whether a request asks to go on as a WebSocket. One with several hosts does not: it is refused as any other is. */
export function asksForWebSocket({ method, rawHeaders }: IncomingMessage): boolean {
  if (method !== "GET" || allLines(rawHeaders, "host").length > 1) return false;
  return tokens(rawHeaders, "upgrade").includes("websocket");
}

/** Keeps what goes wrong with a connection that nobody listens to from ending the process: its close tells enough. */
export function holdSocket(socket: Duplex): void {
  if (!socket.listeners("error").includes(ignore)) socket.on("error", ignore);
}

/**
 * Makes the exchange of a request that may take its connection over; nothing may be under way on it.
 * An ordinary answer ends the connection.
 */
export function upgradeExchange(
  request: IncomingMessage,
  { socket, head }: UpgradeRest,
  state: WireState,
): NodeExchange {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket); // an inject's Duplex has all that a response uses
  response.once("finish", () => endSoon(socket));
  const exchange = new NodeExchange(request, response, state);
  exchange.offerUpgrade(head);
  return exchange;
}

/**
 * Gives a request that asks for another protocol back to its server without the asking, as a server may
 * answer it as if it had not asked (RFC 9110, 7.8).
 */
export function replayRequest(
  server: NodeServer,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  { socket, head }: UpgradeRest,
): void {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (const [name, value] of linePairs(rawHeaders)) {
    const kept = isOf(name, "connection") ? otherTokens(value) : value;
    if (!isOf(name, "upgrade") && !isOf(name, "http2-settings")) text += `${name}: ${kept}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}

function otherTokens(line: string): string {
  const kept = line.split(",").filter((token) => {
    const name = token.trim().toLowerCase();
    return name !== "upgrade" && name !== "http2-settings";
  });
  return kept.join(",").trim();
}

function tokens(rawHeaders: readonly string[], name: string): readonly string[] {
  return allLines(rawHeaders, name).flatMap((line) =>
    line.split(",").map((token) => token.trim().toLowerCase()),
  );
}

function isOf(name: string, expected: string): boolean {
  return name.toLowerCase() === expected;
}

function endSoon(socket: Duplex): void {
  if ("destroySoon" in socket && typeof socket.destroySoon === "function") socket.destroySoon();
  else socket.end();
}

function ignore(): void {
  // the connection closes, which is all there is to know
}
