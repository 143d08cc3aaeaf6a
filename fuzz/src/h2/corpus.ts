import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FuzzCase, storedCase } from "./fuzz-case.ts";

const folder = fileURLToPath(new URL("../../corpus/h2/", import.meta.url));
/** Cases up to this size are kept as text too, to be read in a review. */
const textBytes = 1024;

/** What earlier runs have found, each in one piece and in pieces of seven bytes. */
export function readCorpus(): readonly FuzzCase[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".bin"))
    .toSorted();
  return names.flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    return [
      storedCase(`corpus ${name}`, bytes, Math.max(1, bytes.length)),
      storedCase(`corpus ${name} in pieces`, bytes, 7),
    ];
  });
}

/** Keeps a case for the runs to come; answers its name. */
export function keepCase(bytes: Buffer): string {
  mkdirSync(folder, { recursive: true });
  const name = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  writeFileSync(join(folder, `${name}.bin`), bytes);
  if (bytes.length <= textBytes) {
    const lines = bytes.toString("hex").match(/.{1,64}/g) ?? [];
    writeFileSync(join(folder, `${name}.txt`), `${lines.join("\n")}\n`);
  }
  return `corpus/h2/${name}.bin`;
}
