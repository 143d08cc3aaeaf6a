import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { medianSample } from "./compare.ts";
import type { Row, Sample } from "./suite.ts";

/** Prints what the peers of a case did: rates, processor time, latencies, memory. */
export function printCase(name: string, samples: ReadonlyMap<string, readonly Sample[]>): void {
  console.log(`\n${name.padEnd(32)}     req/s  µs CPU/req   p50 µs   p99 µs    MiB`);
  for (const [peer, list] of samples) {
    const { requestsPerSecond, cpuMicrosPerRequest, rssBytes, p50Micros, p99Micros } =
      medianSample(list);
    const figures = [
      requestsPerSecond.toFixed(0).padStart(9),
      cpuMicrosPerRequest.toFixed(1).padStart(11),
      (p50Micros?.toFixed(0) ?? "-").padStart(8),
      (p99Micros?.toFixed(0) ?? "-").padStart(8),
      (rssBytes / 2 ** 20).toFixed(0).padStart(6),
    ];
    console.log(`  ${peer.padEnd(30)} ${figures.join(" ")}`);
  }
}

/** Prints the ratios and writes results/SUITE.json, one row a case and peer. */
export function report(suite: string, rows: readonly Row[]): void {
  console.log("\nours / theirs: requests a second, and their µs CPU / ours");
  for (const row of rows) {
    const ratios =
      `${row.ratio.toFixed(2)}x`.padStart(8) + `${row.cpuRatio.toFixed(2)}x`.padStart(9);
    console.log(`  ${row.case.padEnd(36)} ${row.peer.padEnd(27)}${ratios}`);
  }
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}${suite}.json`,
    `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`,
  );
}
