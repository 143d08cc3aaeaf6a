import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { GrpcClient, GrpcServer } from "@kratosjs/core/grpc";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { goTool } from "../go-tools.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { clientCases, runClientCase } from "../grpc/client-cases.ts";
import { echoMetadata } from "../grpc/echo-metadata.ts";
import { testService } from "../grpc/test-service.ts";
import { runCommand } from "../run-command.ts";
import { runCases, type Tally } from "../suite.ts";

/** What grpc-go's client is asked to run against our server; its other cases need Google's credentials or balancers. */
const goClientCases = Object.keys(clientCases);

const caseTimeoutMs = 60_000;

/** The official interop cases of gRPC against grpc-go, each side in each role. */
export async function grpc(): Promise<Tally> {
  setDefaultLogger(nopLogger);
  const [asServer, asClient] = [await ourServer(), await ourClient()];
  return { passed: asServer.passed + asClient.passed, failed: asServer.failed + asClient.failed };
}

async function ourServer(): Promise<Tally> {
  const client = goTool("google.golang.org/grpc/interop/client", "grpc-client");
  const server = new GrpcServer({
    address: "127.0.0.1:0",
    timeoutMs: 0,
    middleware: [echoMetadata],
  });
  server.register(TestService, testService);
  await server.start();
  const { port } = await server.endpoint();
  console.log("grpc-go client, our server");
  const cases = goClientCases.map((name) => {
    const args = ["--server_host=127.0.0.1", `--server_port=${port}`, `--test_case=${name}`];
    return [name, () => succeeds(client, args)] as const;
  });
  const tally = await runCases(cases);
  await server.stop(AbortSignal.abort());
  return tally;
}

async function succeeds(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args, caseTimeoutMs);
  if (code !== 0) throw new Error(`exit code ${code}: ${output.trim().split("\n").at(-1)}`);
}

async function ourClient(): Promise<Tally> {
  const server = goTool("google.golang.org/grpc/interop/server", "grpc-server");
  const port = await freePort();
  const child = spawn(server, [`--port=${port}`], { stdio: "ignore" });
  try {
    await listening(port);
    console.log("our client, grpc-go server");
    const connection = new GrpcClient({ endpoint: `127.0.0.1:${port}`, timeoutMs: caseTimeoutMs });
    const tally = await runCases(
      goClientCases.map((name) => [name, () => runClientCase(name, connection)] as const),
    );
    await connection.close();
    return tally;
  } finally {
    child.kill("SIGKILL");
  }
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
