import { copyFields } from "./copy-fields.ts";
import type { LogRecord } from "./log-handler.ts";
import type { Fields, Level } from "./logger.ts";
import { checkedLevel, levels } from "./level.ts";
import { compileMask, masked } from "./mask.ts";
import { readProperty, ValueEncoder } from "./value-encoder.ts";
import type { ValueLimits } from "./value-limits.ts";

/** What must not be written. Callers' objects are never changed: what is hidden is hidden in a copy. */
export interface FilterOptions {
  /** Records below it are dropped. @default the logger's level */
  readonly level?: Level;
  /**
   * Names whose values become `***`: a leaf name at any depth, or a dotted path from the record's root.
   * Exact case. The name of a plain object hides nothing inside it: name its members. @default []
   */
  readonly keys?: readonly string[];
  /** Values that become `***` where a whole field, member or message equals one. @default [] */
  readonly values?: readonly unknown[];
  /**
   * Drops the records it answers true for. It sees all fields, masked, in a copy that it may change.
   * When it throws, the record is written without its fields. @default none
   */
  readonly drop?: (record: FilteredRecord) => boolean;
}

/** A record as a filter's `drop` sees it. */
export interface FilteredRecord extends LogRecord {
  readonly fields: Record<string, unknown>;
}

/** A filter ready for use; made by `compileFilter`. */
export interface Filter {
  readonly severity: number;
  readonly drop: FilterOptions["drop"];
  /** The fields themselves when nothing is hidden, otherwise a copy. */
  maskFields(fields: Fields): Fields;
  maskMessage(message: string): string;
}

/** Checks and compiles a filter. @throws TypeError for a level that is none. */
export function compileFilter(options: FilterOptions, limits: Required<ValueLimits>): Filter {
  const { keys = [], values = [], drop, level } = options;
  const severity = level === undefined ? Number.NEGATIVE_INFINITY : levels[checkedLevel(level)];
  const mask = compileMask(keys, values);
  if (mask === undefined)
    return { severity, drop, maskFields: (fields) => fields, maskMessage: (message) => message };
  const encoder = new ValueEncoder(limits, mask);
  return {
    severity,
    drop,
    maskFields: (fields) => maskFields(fields, encoder),
    maskMessage: (message) => (mask.hidesValue(message) ? masked : message),
  };
}

function maskFields(fields: Fields, encoder: ValueEncoder): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(fields)) {
    const value = readProperty(fields, key);
    const reduced = encoder.reduce(key, value);
    if (Object.is(reduced, value)) continue;
    copy ??= copyFields(fields);
    copy[key] = reduced;
  }
  return copy ?? fields;
}
