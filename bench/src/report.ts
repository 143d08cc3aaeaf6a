import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { medianOf } from "./run-suite.ts";
import type { Row, Sample } from "./suite.ts";

/** Prints what the servers of a case did: rates, processor time, memory. */
export function printCase(name: string, samples: ReadonlyMap<string, readonly Sample[]>): void {
  console.log(`\n${name}`);
  for (const [server, list] of samples) {
    const rate = medianOf(list, (sample) => sample.requestsPerSecond).toFixed(0);
    const cpu = medianOf(list, (sample) => sample.cpuMicrosPerRequest).toFixed(1);
    const rss = (medianOf(list, (sample) => sample.rssBytes) / 2 ** 20).toFixed(0);
    console.log(`  ${server.padEnd(24)} ${rate.padStart(8)} req/s  ${cpu.padStart(7)} µs CPU/req  ${rss.padStart(5)} MiB`);
  }
}

/** Prints the ratios and writes results/SUITE.json, one row a case and peer. */
export function report(suite: string, rows: readonly Row[]): void {
  console.log("\nours / theirs");
  for (const row of rows) console.log(`  ${row.case.padEnd(32)} ${row.peer.padEnd(24)} ${row.ratio.toFixed(2)}x`);
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${suite}.json`, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
}
