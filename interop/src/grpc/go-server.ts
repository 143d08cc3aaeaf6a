import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { goTool } from "../go-tools.ts";
import type { RunningServer } from "./js-server.ts";

/** grpc-go's own server of the cases. */
export async function startGoServer(): Promise<RunningServer> {
  const server = goTool("google.golang.org/grpc/interop/server", "grpc-server");
  const port = await freePort();
  const child = spawn(server, [`--port=${port}`], { stdio: "ignore" });
  const stop = async (): Promise<void> => void child.kill("SIGKILL");
  try {
    await listening(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}

/** grpc-go's server takes a port, not "any": ask the system for one that is free now. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const up = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing listens on ${port}`);
}
