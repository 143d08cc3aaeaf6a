import type { Server as NodeServer } from "node:http";
import type { Connections } from "../wire/connections.ts";
import type { Exchange } from "../wire/exchange.ts";
import {
  asksForWebSocket,
  holdSocket,
  replayRequest,
  upgradeExchange,
} from "../wire/upgrade-request.ts";

/** Makes exchanges like any other of requests to go on as a WebSocket. Other protocols are not spoken here. */
export function followUpgrades(
  node: NodeServer,
  connections: Connections,
  accept: (exchange: Exchange) => void,
): void {
  node.on("upgrade", (request, socket, head) => {
    const rest = { socket, head };
    holdSocket(socket);
    connections.whenAnswered(socket, () => {
      if (!asksForWebSocket(request)) return replayRequest(node, request, rest);
      const exchange = upgradeExchange(request, rest, connections);
      connections.begin(exchange);
      accept(exchange);
    });
  });
}
