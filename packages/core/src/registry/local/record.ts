import { encodeInstance, type ServiceInstance, toInstance } from "../index.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** What one file holds: the instance, and the process that keeps it alive. */
export interface LocalRecord {
  readonly instance: ServiceInstance;
  readonly process: ProcessIdentity;
}

/** Writes a record as JSON. */
export function encodeRecord({ instance, process }: LocalRecord): string {
  return `{"instance":${encodeInstance(instance)},"process":${JSON.stringify(process)}}\n`;
}

/** Reads a record; undefined when the text is none. */
export function decodeRecord(text: string): LocalRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("instance" in value && "process" in value)) return undefined;
    const process = toIdentity(value.process);
    return process && { instance: toInstance(value.instance), process };
  } catch {
    return undefined;
  }
}

function toIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("pid" in value && "host" in value && "started" in value)) return undefined;
  const { pid, host, started } = value;
  // A pid of 0 or less would mean a whole group of processes.
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return typeof host === "string" && typeof started === "string"
    ? { pid, host, started }
    : undefined;
}
