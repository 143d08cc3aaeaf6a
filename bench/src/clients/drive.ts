import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import type { Sample } from "../suite.ts";

/** One call of a client under test; it fails if the reply is not what was sent. */
export type EchoCall = (text: string) => Promise<{ readonly text: string }>;

interface Order {
  readonly inFlight: number;
  readonly durationMs: number;
}

/** Keeps calls in flight as the command line says, and prints what they took as one line of JSON. */
export async function drive(connect: (port: string) => EchoCall): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { port: text, inFlight: text, warmupMs: text, windowMs: text },
  });
  const call = connect(values.port ?? "");
  const inFlight = Number(values.inFlight);
  await callFor(call, { inFlight, durationMs: Number(values.warmupMs) });
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const latenciesMs = await callFor(call, { inFlight, durationMs: Number(values.windowMs) });
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (ratio: number): number =>
    Math.round((sorted[Math.floor(sorted.length * ratio)] ?? Number.NaN) * 1000);
  const sample: Sample = {
    requestsPerSecond: sorted.length / (tookMs / 1000),
    cpuMicrosPerRequest: (user + system) / sorted.length,
    rssBytes: process.memoryUsage.rss(),
    p50Micros: at(0.5),
    p99Micros: at(0.99),
  };
  console.log(JSON.stringify(sample));
  process.exit();
}

async function callFor(
  call: EchoCall,
  { inFlight, durationMs }: Order,
): Promise<readonly number[]> {
  const latenciesMs: number[] = [];
  const endMs = performance.now() + durationMs;
  const caller = async (): Promise<void> => {
    for (let startMs = performance.now(); startMs < endMs;) {
      const reply = await call("0123456789");
      if (reply.text !== "0123456789") throw new Error(`the reply is wrong: ${reply.text}`);
      const nowMs = performance.now();
      latenciesMs.push(nowMs - startMs);
      startMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return latenciesMs;
}
