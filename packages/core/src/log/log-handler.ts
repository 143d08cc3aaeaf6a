import type { Context } from "../context/index.ts";
import type { Fields, Level } from "./logger.ts";

/** One record on its way to a handler. Fields added by `with` are not in it: the handler has them already. */
export interface LogRecord {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}

/**
 * Writes records: the seam for other log libraries, given to `createLogger({ handler })`.
 * Levels, valuers, extractors and filters are done before a record comes here. What a handler throws is lost.
 */
export interface LogHandler {
  handle(record: LogRecord): void;
  /** A handler that writes these fields before each record's own, so that it can encode them once. */
  with(fields: Fields): LogHandler;
  /** A handler bound to a call, for libraries that look at the context themselves. */
  withContext?(context: Context): LogHandler;
  /** Whether the library behind would write this level. Absent: it would. */
  enabled?(level: Level): boolean;
}
