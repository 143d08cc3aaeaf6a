import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { GrpcServer } from "../index.ts";
import { startEcho } from "../testdata/echo-service.ts";

const sockets: Socket[] = [];
/** A server waits for connections that do not speak any more. */
function hangUp(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}
afterEach(hangUp);

function dial(port: number): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

/** Dials a connection the server speaks on. */
async function accepted(port: number): Promise<Socket> {
  const socket = dial(port);
  await once(socket, "data");
  return socket;
}

describe("maxConnections", () => {
  test("maxConnections closes further connections as they come, counts them, and takes new ones when there is room", async () => {
    await using running = await startEcho({}, { maxConnections: 2 });
    const { server, port } = running;
    const first = await accepted(port);
    await accepted(port);
    await once(dial(port).resume(), "close");
    await once(dial(port).resume(), "close");
    expect(server.describe()).toMatchObject({ refusedConnections: 2 });
    expect(server.describe().connections).toHaveLength(2);
    const closed = server.sessions[0]?.closed;
    first.destroy();
    await closed;
    await accepted(port);
    expect(server.describe()).toMatchObject({ refusedConnections: 2 });
    hangUp();
  });

  test("maxConnections is unlimited by default, and must be 0 or more", async () => {
    await using running = await startEcho();
    await Promise.all(Array.from({ length: 50 }, () => accepted(running.port)));
    expect(running.server.describe()).toMatchObject({ refusedConnections: 0 });
    hangUp();
    expect(() => new GrpcServer({ maxConnections: -1 })).toThrow(RangeError);
  });

  test("GrpcServer ends many connections without a warning of node's", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const running = await startEcho();
    await Promise.all(Array.from({ length: 20 }, () => accepted(running.port)));
    const stopping = running.server.stop(AbortSignal.timeout(500));
    hangUp();
    await stopping;
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});
