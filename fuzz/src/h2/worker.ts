/**
 * The process that runs cases, so that one which breaks it can be told. Arguments: "ours" or "both",
 * then "corpus", or "random", the seed, the first index and the milliseconds. Says on its standard
 * output, a line each and at once, what it begins and what went wrong.
 */
import { writeSync } from "node:fs";
import { engine, nodeHttp2 } from "@kratosjs/h2";
import { caseSeed } from "../random.ts";
import { keepCase, readCorpus } from "./corpus.ts";
import { differenceOf } from "./differences.ts";
import { Target } from "./drive.ts";
import { readFrames, preface } from "./frame.ts";
import { type FuzzCase, makeCase } from "./fuzz-case.ts";
import { describeOutcome } from "./outcome.ts";

const [mode, source, seedText, indexText, millisecondsText] = process.argv.slice(2);
const ours = new Target(engine());
const theirs = new Target(nodeHttp2());
const uncaught: unknown[] = [];

function say(kind: "at" | "bad" | "end", text: string): void {
  writeSync(1, `${kind} ${text.replaceAll("\n", " ")}\n`);
}

/** Runs a case; answers what is wrong. */
async function judge(fuzzCase: FuzzCase): Promise<string | undefined> {
  uncaught.length = 0;
  const [our, their] = await Promise.all([
    ours.drive(fuzzCase),
    mode === "both" ? theirs.drive(fuzzCase) : undefined,
  ]);
  if (uncaught.length > 0) return `an error nobody caught: ${String(uncaught[0])}`;
  if (their === undefined) return our.fault;
  const difference = differenceOf(our, their, readFrames(fuzzCase.bytes.subarray(preface.length)));
  if (difference === undefined) return undefined;
  return `${difference}; ours: ${describeOutcome(our)}; node:http2: ${describeOutcome(their)}`;
}

function* cases(): Generator<FuzzCase> {
  if (source === "corpus") {
    yield* readCorpus();
    return;
  }
  const until = performance.now() + Number(millisecondsText);
  for (let index = Number(indexText); performance.now() < until; index += 1)
    yield makeCase(caseSeed(Number(seedText), index));
}

process.on("uncaughtException", (error) => uncaught.push(error));
process.on("unhandledRejection", (error) => uncaught.push(error));
await ours.open();
await theirs.open();
for (const fuzzCase of cases()) {
  say("at", fuzzCase.name);
  const wrong = await judge(fuzzCase);
  if (wrong === undefined) continue;
  const kept = source === "corpus" ? "" : `; kept as ${keepCase(fuzzCase.bytes)}`;
  say("bad", `${fuzzCase.name}: ${wrong}${kept}`);
}
say("end", "");
process.exit();
