/** How long what was asked to end may take. */
const graceMs = 10_000;

/**
 * Ends a child that leads a process group, and with it all it started: first asked, then forced.
 * Resolves when the child has ended; one that already has is fine.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<void>}
 */
export function endGroup(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    signalGroup(child, "SIGKILL");
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const force = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
    child.once("exit", () => {
      clearTimeout(force);
      signalGroup(child, "SIGKILL");
      resolve();
    });
    signalGroup(child, "SIGTERM");
  });
}

/**
 * Sends a signal to the child and all it started.
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // nobody of the group is left
  }
}
