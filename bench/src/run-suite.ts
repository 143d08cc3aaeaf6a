import { h2load } from "./load/h2load.ts";
import { wrk } from "./load/wrk.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import type { Case, Load, Row, Sample, Suite } from "./suite.ts";

export interface RunOptions {
  /** How often each server is measured; the median counts. */
  readonly rounds: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly onCase: (name: string, samples: ReadonlyMap<string, readonly Sample[]>) => void;
}

/** Runs every case: round by round all its servers, each time in a fresh process. */
export async function runSuite(suite: Suite, options: RunOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const one of suite.cases) {
    const samples = await measure(one, options);
    options.onCase(one.name, samples);
    rows.push(...compare(one, samples));
  }
  return rows;
}

async function measure(one: Case, options: RunOptions): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(one.servers.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const { name, module } of one.servers) {
      const server = await startServer(module);
      try {
        await run(one.load, server.port, options.warmupMs);
        samples.get(name)?.push(await sample(one.load, server, options.windowMs));
      } finally {
        await server.stop();
      }
    }
  }
  return samples;
}

async function sample(load: Load, server: ServerProcess, durationMs: number): Promise<Sample> {
  const cpuBefore = server.cpuMicros();
  const requests = await run(load, server.port, durationMs);
  return {
    requestsPerSecond: requests / (durationMs / 1000),
    cpuMicrosPerRequest: (server.cpuMicros() - cpuBefore) / requests,
    rssBytes: server.rssBytes(),
  };
}

function run(load: Load, port: number, durationMs: number): Promise<number> {
  return load.tool === "h2load" ? h2load(load, { port, durationMs }) : wrk(load, { port, durationMs });
}

function compare(one: Case, samples: ReadonlyMap<string, readonly Sample[]>): Row[] {
  const rate = (name: string): number => medianOf(samples.get(name) ?? [], (sample) => sample.requestsPerSecond);
  const [own, ...peers] = one.servers;
  if (own === undefined) return [];
  const ours = rate(own.name);
  return peers.map(({ name }) => {
    const theirs = rate(name);
    return { case: one.name, peer: name, ours, theirs, ratio: Number((ours / theirs).toFixed(2)) };
  });
}

/** The median of one figure of the samples. */
export function medianOf(samples: readonly Sample[], figure: (sample: Sample) => number): number {
  const sorted = samples.map(figure).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
