import type { Context } from "../context/index.ts";

/** Levels by Kratos's names. FATAL never ends the process: it is a level, not an act. */
export type Level = "debug" | "info" | "warn" | "error" | "fatal";

/** The fields of a record. Values are written as JSON; an Error becomes its message, stack and cause. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where the toolbox and its users write records. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Writes at a level known only at run time. */
  // ceiling: the level in front of what every other method takes
  log(level: Level, message: string, fields?: Fields): void;
  /** A logger whose records carry these fields first; a function is called for each record (a valuer). */
  with(fields: Fields): Logger;
  /** A logger whose records carry what the context says (trace id, attributes) by the extractors set up. */
  withContext(context: Context): Logger;
  /** Whether a record of this level would be written: guards costly fields. */
  enabled(level: Level): boolean;
}
