import { runClient } from "./client-process.ts";
import { h2load, h2loadLatencies } from "./load/h2load.ts";
import { probe } from "./load/probe.ts";
import { probeRest } from "./load/probe-rest.ts";
import { wrk } from "./load/wrk.ts";
import { compare } from "./compare.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import type { Case, ClientLoad, H2Load, Peer, Row, Sample, Suite, Wrk } from "./suite.ts";

export interface RunOptions {
  /** How often each peer is measured; the median counts. */
  readonly rounds: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  /** A window of its own, as h2load is slower when it notes every request. */
  readonly latencyMs: number;
  readonly onCase: (name: string, samples: ReadonlyMap<string, readonly Sample[]>) => void;
}

/** Runs every case: round by round all its peers, each time in a fresh process. */
export async function runSuite(suite: Suite, options: RunOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const one of suite.cases) {
    const samples = await measure(one, options);
    options.onCase(one.name, samples);
    rows.push(...compare(one, samples));
  }
  return rows;
}

async function measure(
  { load, peers }: Case,
  options: RunOptions,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(peers.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const peer of peers) {
      const sample =
        load.tool === "client"
          ? measureClient(peer, load, options)
          : measureServer(peer, load, options);
      samples.get(peer.name)?.push(await sample);
    }
  }
  return samples;
}

async function measureClient(peer: Peer, load: ClientLoad, options: RunOptions): Promise<Sample> {
  const server = await startServer(load.server);
  try {
    return await runClient(peer.module, { ...options, port: server.port, inFlight: load.inFlight });
  } finally {
    await server.stop();
  }
}

async function measureServer(peer: Peer, load: H2Load | Wrk, options: RunOptions): Promise<Sample> {
  const server = await startServer(peer.module);
  try {
    if (load.tool === "h2load" && load.grpc !== undefined) {
      await probe({ ...load.grpc, path: load.path }, server.port);
    } else await probeRest(load, server.port);
    await warmUp(load, server.port, options.warmupMs);
    return await sampleServer(load, server, options);
  } finally {
    await server.stop();
  }
}

/** Loads a server until it has answered: on a busy machine the first window may pass before it does. */
async function warmUp(load: H2Load | Wrk, port: number, warmupMs: number): Promise<void> {
  for (let windows = 0; windows < 10; windows += 1) {
    if ((await run(load, port, warmupMs)) > 0) return;
  }
  throw new Error(`the server answered nothing in ten times ${warmupMs} ms`);
}

async function sampleServer(
  load: H2Load | Wrk,
  server: ServerProcess,
  options: RunOptions,
): Promise<Sample> {
  const { windowMs, latencyMs } = options;
  const cpuBefore = server.cpuMicros();
  const requests = await run(load, server.port, windowMs);
  if (requests === 0) throw new Error(`the server answered nothing in ${windowMs} ms`);
  const cpuMicros = server.cpuMicros() - cpuBefore;
  const rssBytes = server.rssBytes();
  const latencies =
    load.tool === "h2load"
      ? await h2loadLatencies(load, { port: server.port, durationMs: latencyMs })
      : {};
  return {
    requestsPerSecond: requests / (windowMs / 1000),
    cpuMicrosPerRequest: cpuMicros / requests,
    rssBytes,
    ...latencies,
  };
}

function run(load: H2Load | Wrk, port: number, durationMs: number): Promise<number> {
  return load.tool === "h2load"
    ? h2load(load, { port, durationMs })
    : wrk(load, { port, durationMs });
}
