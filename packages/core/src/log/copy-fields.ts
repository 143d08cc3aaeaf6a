import type { Fields } from "./logger.ts";
import { readProperty } from "./value-encoder.ts";

/** Joins fields into a copy without prototype; the later of two equal keys wins, getters are read once and may throw. */
export function copyFields(...parts: readonly Fields[]): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null);
  for (const fields of parts) {
    for (const key of Object.keys(fields)) copy[key] = readProperty(fields, key);
  }
  return copy;
}
