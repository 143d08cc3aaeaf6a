import { createClient } from "@kratosjs/core/rpc";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { type Engine, engine, nodeHttp2 } from "@kratosjs/h2";
import { goTool } from "../go-tools.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import {
  type ClosableConnection,
  clientCases,
  runClientCase,
  within,
} from "../grpc/client-cases.ts";
import { compressedCases } from "../grpc/compressed-cases.ts";
import { startGoServer } from "../grpc/go-server.ts";
import { jsConnection } from "../grpc/js-connection.ts";
import { type RunningServer, startJsServer } from "../grpc/js-server.ts";
import { ourConnection, startOurServer } from "../grpc/our-peers.ts";
import type { RequestPacking } from "../grpc/test-service.ts";
import { Wiretap } from "../grpc/wiretap.ts";
import { runCommand } from "../run-command.ts";
import { runCases, sumOf, type Tally } from "../suite.ts";

const engines: readonly Engine[] = [engine(), nodeHttp2()];
const caseTimeoutMs = 60_000;

interface ServerKind {
  readonly name: string;
  start(packing: RequestPacking): Promise<RunningServer>;
  /** The cases of compression it can be asked for. */
  readonly compressed: readonly string[];
}

interface ClientKind {
  readonly name: string;
  connect(port: number, packs: boolean): ClosableConnection;
  /** A size it does not pack when told so; ours packs by size alone. */
  readonly unpackedBytes: number;
}

const allCompressed = Object.keys(compressedCases);

const ourServers: readonly ServerKind[] = engines.map((own) => ({
  name: `our server on ${own.name}`,
  start: (packing) => startOurServer(own, packing),
  compressed: allCompressed,
}));

const ourClients: readonly ClientKind[] = engines.map((own) => ({
  name: `our client on ${own.name}`,
  connect: (port, packs) => ourConnection(own, port, packs),
  unpackedBytes: 904,
}));

const jsServer: ServerKind = {
  name: "grpc-js server",
  start: startJsServer,
  // It does not pack its replies.
  compressed: allCompressed.filter((name) => name.startsWith("client_")),
};

// grpc-go's server knows no gzip.
const goServer: ServerKind = { name: "grpc-go server", start: startGoServer, compressed: [] };

const jsClient: ClientKind = {
  name: "grpc-js client",
  connect: jsConnection,
  unpackedBytes: 45904,
};

/** The official interop cases of gRPC: our sides over both engines against grpc-go, grpc-js and each other. */
export async function grpc(): Promise<Tally> {
  setDefaultLogger(nopLogger);
  const tallies: Tally[] = [];
  for (const server of ourServers) {
    tallies.push(await goClient(server), await pair(jsClient, server));
    for (const client of ourClients) tallies.push(await pair(client, server));
  }
  for (const client of ourClients)
    for (const server of [goServer, jsServer]) tallies.push(await pair(client, server));
  return sumOf(tallies);
}

async function pair(client: ClientKind, server: ServerKind): Promise<Tally> {
  await using wire = new Wiretap();
  const { port, stop } = await server.start((at) => wire.requests[at]);
  const tapped = await wire.start(port);
  console.log(`${client.name}, ${server.name}`);
  const plain = Object.keys(clientCases).map(
    (name) => [name, () => runClientCase(name, () => client.connect(port, false))] as const,
  );
  const compressed = server.compressed.map(
    (name) => [name, () => runCompressed(name, { client, wire, port: tapped })] as const,
  );
  const tally = await runCases([...plain, ...compressed]);
  await stop();
  return tally;
}

interface Tapped {
  readonly client: ClientKind;
  readonly wire: Wiretap;
  readonly port: number;
}

function runCompressed(name: string, { client, wire, port }: Tapped): Promise<void> {
  const { unpackedBytes } = client;
  return within(
    () => client.connect(port, true),
    (packs) =>
      within(
        () => client.connect(port, false),
        async (plain) =>
          compressedCases[name]?.({
            packing: createClient(TestService, packs),
            plain: createClient(TestService, plain),
            wire,
            unpackedBytes,
          }),
      ),
  );
}

/** Its other cases need Google's credentials or ORCA; half_duplex it does not have. */
const goClientCases = [
  ...Object.keys(clientCases).filter((name) => name !== "half_duplex"),
  "pick_first_unary",
];

async function goClient(server: ServerKind): Promise<Tally> {
  const client = goTool("google.golang.org/grpc/interop/client", "grpc-client");
  const { port, stop } = await server.start(() => undefined);
  console.log(`grpc-go client, ${server.name}`);
  const cases = goClientCases.map((name) => {
    const args = ["--server_host=127.0.0.1", `--server_port=${port}`, `--test_case=${name}`];
    return [name, () => succeeds(client, args)] as const;
  });
  const tally = await runCases(cases);
  await stop();
  return tally;
}

async function succeeds(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args, caseTimeoutMs);
  if (code !== 0) throw new Error(`exit code ${code}: ${output.trim().split("\n").at(-1)}`);
}
