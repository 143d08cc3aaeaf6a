import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import type { Sample } from "../suite.ts";
import { Latencies } from "./latencies.ts";

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
  const latencies = new Latencies();
  await callFor(call, latencies, { inFlight, durationMs: Number(values.warmupMs) });
  latencies.clear();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await callFor(call, latencies, { inFlight, durationMs: Number(values.windowMs) });
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sample: Sample = {
    requestsPerSecond: latencies.count / (tookMs / 1000),
    cpuMicrosPerRequest: (user + system) / latencies.count,
    rssBytes: process.memoryUsage.rss(),
    ...latencies.percentiles(),
  };
  console.log(JSON.stringify(sample));
  process.exit();
}

async function callFor(
  call: EchoCall,
  latencies: Latencies,
  { inFlight, durationMs }: Order,
): Promise<void> {
  const endMs = performance.now() + durationMs;
  const caller = async (): Promise<void> => {
    for (let startMs = performance.now(); startMs < endMs;) {
      const reply = await call("0123456789");
      if (reply.text !== "0123456789") throw new Error(`the reply is wrong: ${reply.text}`);
      const nowMs = performance.now();
      latencies.add(nowMs - startMs);
      startMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}
