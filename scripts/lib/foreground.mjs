import { spawn } from "node:child_process";
import { onOrphaned } from "./on-orphaned.mjs";
import { root } from "./root.mjs";
import { exitCodeOf, projectEnv } from "./run-process.mjs";

/** One Ctrl-C arrives twice: from the terminal and again from npm. What comes so soon after is the same one. */
const sameSignalMs = 250;

/**
 * Runs a program with our terminal, hands our signals on to it, and answers its exit code.
 *
 * The child leads a process group of its own, so that it gets each signal once, from us, and a
 * second Ctrl-C still means what the child says it means.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export async function runInForeground(program, args, options = {}) {
  const child = spawn(program, args, {
    cwd: root,
    env: options.env ?? projectEnv(),
    stdio: "inherit",
    detached: process.platform !== "win32",
  });
  const stopForwarding = forwardSignals((signal) => child.kill(signal));
  const endChild = () => child.kill("SIGKILL");
  process.once("exit", endChild);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
    });
  } finally {
    process.off("exit", endChild);
    stopForwarding();
  }
}

/**
 * Calls back with each signal that asks this process to end, once for one key press; and with
 * SIGTERM if npm was asked to end and nobody told us.
 * @param {(signal: NodeJS.Signals) => void} onSignal
 * @returns {() => void} Stops listening.
 */
export function forwardSignals(onSignal) {
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const lastAt = new Map();
  /** @param {NodeJS.Signals} signal */
  const listener = (signal) => {
    const now = performance.now();
    const repeated = now - (lastAt.get(signal) ?? -Infinity) < sameSignalMs;
    lastAt.set(signal, now);
    if (!repeated) onSignal(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  const stopWatching = onOrphaned(() => {
    if (lastAt.size === 0) onSignal("SIGTERM");
  });
  return () => {
    stopWatching();
    for (const signal of signals) process.off(signal, listener);
  };
}
