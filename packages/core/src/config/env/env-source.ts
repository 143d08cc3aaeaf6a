import type { KeyValue, Source } from "../index.ts";
import { matchPrefix } from "./match-prefix.ts";

/** Which variables an `envSource` takes. */
export interface EnvSourceOptions {
  /**
   * Takes only variables whose name starts with one of these; the first that fits is cut off, and one "_" after
   * it. None: takes all. @default {[]}
   */
  readonly prefixes?: readonly string[];
  /** The variables. @default {process.env} */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Takes environment variables as texts at the root of the configuration; a dot in a name goes one level down.
 * It never changes.
 */
export function envSource(options: EnvSourceOptions = {}): Source {
  const prefixes = [...(options.prefixes ?? [])];
  const { env } = options;
  return {
    async load() {
      return Object.entries(env ?? process.env).flatMap(([name, value]) => {
        const key = keyOf(name, prefixes);
        return key === "" || value === undefined ? [] : [toDocument(key, value)];
      });
    },
    async *watch() {
      // Nobody tells of a change of the environment.
    },
  };
}

function keyOf(name: string, prefixes: readonly string[]): string {
  if (prefixes.length === 0) return name;
  const prefix = matchPrefix(name, prefixes);
  if (prefix === undefined) return "";
  const rest = name.slice(prefix.length);
  return rest.startsWith("_") ? rest.slice(1) : rest;
}

function toDocument(key: string, value: string): KeyValue {
  return { key, value: new TextEncoder().encode(value), format: "" };
}
