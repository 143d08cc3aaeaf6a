import { spawn } from "node:child_process";
import { constants } from "node:os";
import path from "node:path";
import { root } from "./root.mjs";

/**
 * @typedef {object} Outcome
 * @property {number} code The exit code; 128 + n for a process ended by signal n.
 * @property {string} output What it wrote, when it was captured.
 */

/** Answers the environment with the project's own commands first on PATH. */
export function projectEnv() {
  const dirs = [
    path.join(root, "node_modules", ".bin"),
    path.dirname(process.execPath),
    process.env.PATH ?? "",
  ];
  return { ...process.env, PATH: dirs.join(path.delimiter) };
}

/**
 * Answers the exit code a shell gives for how a process ended.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCodeOf(code, signal) {
  return signal ? 128 + constants.signals[signal] : (code ?? 1);
}

/**
 * Runs a program and waits for it. Its output is captured, or goes where ours goes with `show`.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ show?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Outcome>}
 */
export function runProcess(program, args, options = {}) {
  const { show = false, cwd = root, env = projectEnv() } = options;
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: show ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout?.on("data", (chunk) => chunks.push(chunk));
  child.stderr?.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 127, output: `${program}: ${error.message}` }));
    child.once("close", (code, signal) => {
      resolve({ code: exitCodeOf(code, signal), output: Buffer.concat(chunks).toString() });
    });
  });
}

/**
 * Runs a package's command with this very Node, whether or not it could be made executable.
 * @param {string} script The command's file, relative to node_modules.
 * @param {readonly string[]} args
 * @param {{ show?: boolean, env?: NodeJS.ProcessEnv }} [options]
 */
export function runCommand(script, args, options) {
  return runProcess(process.execPath, [path.join(root, "node_modules", script), ...args], options);
}
