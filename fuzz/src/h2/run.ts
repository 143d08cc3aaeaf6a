import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Tally } from "../tally.ts";

/** Milliseconds without a word after which the worker is taken to hang. */
const silenceMs = 20_000;
/** Workers after which something is wrong with more than a case. */
const maxRuns = 5000;

/** What a worker said up to its end. */
interface Report {
  readonly cases: number;
  readonly bad: readonly string[];
  /** The case it was at. */
  readonly last: string;
  /** "whole", "died" or "hung". */
  readonly end: string;
}

/** Replays the corpus, then runs random cases for a time; prints what goes wrong. */
export async function runH2({
  seconds,
  seed,
}: {
  readonly seconds: number;
  readonly seed: number;
}): Promise<Tally> {
  console.log(`fuzz h2: seed ${seed}, ${seconds} s`);
  const totals: Totals = { passed: 0, failed: 0 };
  const stored = await work(["both", "corpus"]);
  await count(totals, stored, ["ours", "corpus"]);
  const beganAt = performance.now();
  const until = beganAt + seconds * 1000;
  let index = 0;
  for (let runs = 0; runs < maxRuns && performance.now() < until; runs += 1) {
    const report = await work([
      "both",
      "random",
      `${seed}`,
      `${index}`,
      `${until - performance.now()}`,
    ]);
    index += report.cases;
    // What spoiled the memory of the process may have come some cases before it died.
    await count(totals, report, [
      "ours",
      "random",
      `${seed}`,
      `${Math.max(0, index - 500)}`,
      "3000",
    ]);
  }
  const tookMs = performance.now() - beganAt;
  console.log(`fuzz h2: ${index} random cases, ${Math.round((index / tookMs) * 1000)} a second`);
  return totals;
}

interface Totals {
  passed: number;
  failed: number;
}

/** Adds a report up; a worker that died is judged by whether our engine alone survives the same cases. */
async function count(totals: Totals, report: Report, again: readonly string[]): Promise<void> {
  totals.passed += report.cases - report.bad.length;
  totals.failed += report.bad.length;
  for (const line of report.bad) console.log(`FAILED ${line}`);
  if (report.end === "whole") return;
  const alone = await work(again);
  if (alone.end === "whole") {
    console.log(
      `fuzz h2: the process ${report.end} at ${report.last}; our engine alone gets through, so that is node:http2's`,
    );
    return;
  }
  totals.failed += 1;
  console.log(
    `FAILED ${report.last}: the process ${report.end}; our engine alone ${alone.end} at ${alone.last}`,
  );
}

/** Runs a worker to its end and reads what it says. */
async function work(args: readonly string[]): Promise<Report> {
  const file = fileURLToPath(new URL("./worker.js", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const report = { cases: 0, bad: [] as string[], last: "the start", end: "died" };
  let hung = false;
  const cut = (): void => {
    hung = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(cut, silenceMs);
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(cut, silenceMs);
    const [kind, ...words] = line.split(" ");
    const text = words.join(" ");
    if (kind === "bad") report.bad.push(text);
    if (kind === "end") report.end = "whole";
    if (kind !== "at") continue;
    report.cases += 1;
    report.last = text;
  }
  clearTimeout(timer);
  await exited;
  return hung ? { ...report, end: "hung" } : report;
}
