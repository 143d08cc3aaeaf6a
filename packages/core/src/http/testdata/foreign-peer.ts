import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a request whose body has arrived. */
export type PeerListener = (
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
) => void;

const running: Server[] = [];

/** Starts a peer that is not ours; answers its `host:port`. */
export async function foreignPeer(listener: PeerListener): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => listener(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

/** Ends all peers of a test. */
export async function stopPeers(): Promise<void> {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
