import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process a record belongs to. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where the pid means something: this boot of this machine, and the pid namespace. */
  readonly host: string;
  /** When the process started, as the system counts it: pids are used again. Empty where it is not known. */
  readonly started: string;
}

/** Answers the identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostIdentity(),
    started: processState(process.pid)?.started ?? "",
  };
}

/** Whether two identities are of one process. */
export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.host === b.host && a.started === b.started;
}

/** Whether the process is known to have ended. False where nothing can be said: it runs elsewhere. */
export function hasEnded(process: ProcessIdentity, self: ProcessIdentity): boolean {
  if (process.host !== self.host || sameProcess(process, self)) return false;
  if (!exists(process.pid)) return true;
  const state = processState(process.pid);
  if (state === undefined) return false;
  return state.dead || (process.started !== "" && state.started !== process.started);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

function hostIdentity(): string {
  // Containers of one machine share its boot id but not its pids.
  const boot = readSystem(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pids = readSystem(() => readlinkSync("/proc/self/ns/pid"));
  return boot === undefined || pids === undefined ? hostname() : `${boot} ${pids}`;
}

/** What Linux says of a process; undefined on other systems, and where /proc is hidden. */
function processState(
  pid: number,
): { readonly started: string; readonly dead: boolean } | undefined {
  const text = readSystem(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (text === undefined) return undefined;
  // The second field, the program's name in brackets, may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] ?? "";
  return { started: fields[19] ?? "", dead: state === "Z" || state === "X" };
}

function readSystem(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
