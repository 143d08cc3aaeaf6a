import { spawn } from "node:child_process";
import { endGroup, signalGroup } from "./end-group.mjs";
import { root } from "./root.mjs";
import { exitCodeOf } from "./run-process.mjs";

/**
 * Keeps one Node program running: starts it, and ends the running one first when asked to restart.
 * Calls that come while one is under way are joined to a single restart after it.
 * @param {string} entry
 * @param {readonly string[]} args
 */
export function createRestarter(entry, args) {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;
  let stopped = false;
  let wanted = false;
  let work = Promise.resolve();

  async function endChild() {
    if (child !== undefined) await endGroup(child);
    child = undefined;
  }

  async function restartNow() {
    if (!wanted || stopped) return;
    wanted = false;
    const title = child === undefined ? "started" : "restarted";
    await endChild();
    child = start(entry, args);
    console.log(`dev: ${title}`);
  }

  process.once("exit", () => child !== undefined && signalGroup(child, "SIGKILL"));
  return {
    restart() {
      wanted = true;
      work = work.then(restartNow);
    },
    /** Ends the program for good. */
    async stop() {
      stopped = true;
      await work;
      await endChild();
    },
  };
}

/**
 * @param {string} entry
 * @param {readonly string[]} args
 */
function start(entry, args) {
  const child = spawn(process.execPath, ["--enable-source-maps", entry, ...args], {
    cwd: root,
    stdio: "inherit",
    detached: process.platform !== "win32",
  });
  child.once("exit", (code, signal) => {
    if (code !== 0)
      console.log(
        `dev: the server ended with exit code ${exitCodeOf(code, signal)}; waiting for a change`,
      );
  });
  return child;
}
