import type { Server } from "node:http";
import type { Http2Server } from "node:http2";

/** Tells the bench where a server listens. */
export function announce(server: Server | Http2Server): void {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  console.log(`PORT ${address.port}`);
}
