import { Child } from "../child.ts";
import type { Tally } from "../tally.ts";
import { type Attack, attacks } from "./attacks.ts";
import { type Fare, fare } from "./good-client.ts";

/** Connections that attack at a time. */
const connections = 4;

/**
 * Measures what a good client has of a server with and without each attack, server and attackers in
 * processes of their own; prints a row each. An attack fails when a request of the good client does.
 */
export async function runAttacks({ seconds }: { readonly seconds: number }): Promise<Tally> {
  const windowMs = (seconds * 1000) / (attacks.length * 2);
  console.log(
    `attacks: ${connections} connections each, ${Math.round(windowMs)} ms with and without`,
  );
  console.log(
    row(["attack", "p50 µs", "p99 µs", "attacked", "p99 µs", "good req", "refused", "MiB+"]),
  );
  let failed = 0;
  for (const attack of attacks) if (!(await measure(attack, windowMs))) failed += 1;
  return { passed: attacks.length - failed, failed };
}

async function measure({ name }: Attack, windowMs: number): Promise<boolean> {
  await using server = new Child(new URL("./victim.js", import.meta.url));
  const port = await server.word("port");
  await fare(Number(port), windowMs / 2);
  const quiet = await fare(Number(port), windowMs);
  const residentBefore = server.residentBytes();
  await using attackers = new Child(new URL("./attacker.js", import.meta.url), [
    name,
    port,
    `${connections}`,
  ]);
  await attackers.word("begun");
  const attacked = await fare(Number(port), windowMs);
  const grown = server.residentBytes() - residentBefore;
  attackers.stop();
  const refused = await attackers.word("refused");
  console.log(
    row([
      name,
      ...figures(quiet),
      ...figures(attacked),
      `${attacked.answered}/${attacked.asked}`,
      refused,
      (grown / 2 ** 20).toFixed(0),
    ]),
  );
  return attacked.answered === attacked.asked;
}

function figures({ p50Micros, p99Micros }: Fare): string[] {
  return [p50Micros.toFixed(0), p99Micros.toFixed(0)];
}

function row([name = "", ...cells]: readonly string[]): string {
  return `  ${name.padEnd(26)}${cells.map((cell) => cell.padStart(13)).join("")}`;
}
