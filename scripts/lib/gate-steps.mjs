import { checkCeilings } from "../check-ceilings.mjs";
import { checkCycles } from "../check-cycles.mjs";
import { checkDocs } from "../check-docs.mjs";
import { checkExports } from "../check-exports.mjs";
import { checkFloors } from "../check-floors.mjs";
import { checkGen } from "../check-gen.mjs";
import { checkLock } from "../check-lock.mjs";
import { checkPackages } from "../check-packages.mjs";
import { checkSignatures } from "../check-signatures.mjs";
import { checkWords } from "../check-words.mjs";
import { compiler } from "./build.mjs";
import { formatFinding } from "./finding.mjs";
import { root } from "./root.mjs";
import { runCommand } from "./run-process.mjs";

/**
 * A step of the gate. `run` answers what it found, and nothing when all is well.
 * @typedef {{ name: string, run: () => Promise<string> }} GateStep
 */

/** @type {readonly GateStep[]} */
export const gateSteps = [
  command("format", "oxfmt/bin/oxfmt", ["--check"]),
  command("lint", "oxlint/bin/oxlint", [
    "--type-aware",
    "--deny-warnings",
    "--report-unused-disable-directives",
  ]),
  command("types", compiler, ["-b"]),
  command("types:scripts", compiler, ["-p", "scripts"]),
  own("floors", checkFloors),
  own("cycles", checkCycles),
  own("exports", checkExports),
  own("signatures", checkSignatures),
  own("ceilings", checkCeilings),
  own("docs", checkDocs),
  own("words", checkWords),
  own("packages", checkPackages),
  own("lock", checkLock),
  own("gen", checkGen),
];

/**
 * A step that is a program: its output is what it found, if it fails.
 * @param {string} name
 * @param {string} script Relative to node_modules.
 * @param {readonly string[]} args
 * @returns {GateStep}
 */
function command(name, script, args) {
  return {
    name,
    async run() {
      const { code, output } = await runCommand(script, args);
      return code === 0 ? "" : output || `exit code ${code}`;
    },
  };
}

/**
 * A step of our own.
 * @param {string} name
 * @param {(base: string) => import("./finding.mjs").Finding[] | Promise<import("./finding.mjs").Finding[]>} check
 * @returns {GateStep}
 */
function own(name, check) {
  return {
    name,
    async run() {
      const findings = await check(root);
      return findings.map(formatFinding).join("\n");
    },
  };
}
