import { copyFields } from "./copy-fields.ts";
import { createLogger, type LoggerOptions } from "./create-logger.ts";
import type { LogHandler, LogRecord } from "./log-handler.ts";
import type { Fields, Logger } from "./logger.ts";

/** A logger whose records stay objects. */
export interface MemoryLog {
  readonly logger: Logger;
  /** All that was written, also through derived loggers; values are those given, not text. */
  readonly records: readonly LogRecord[];
  /** Forgets the records. */
  clear(): void;
}

/**
 * Makes a logger for tests, which keeps its records. The same options as `createLogger`, the level is "debug" by default.
 *
 *     const { logger, records } = memoryLogger();
 *     logger.info("hello", { n: 1 });
 *     records[0]; // { timeMs, level: "info", message: "hello", fields: { n: 1 } }
 */
export function memoryLogger(options: Omit<LoggerOptions, "handler"> = {}): MemoryLog {
  const records: LogRecord[] = [];
  const logger = createLogger({ level: "debug", ...options, handler: memoryHandler(records, {}) });
  return { logger, records, clear: () => void records.splice(0) };
}

function memoryHandler(records: LogRecord[], prefix: Fields): LogHandler {
  return {
    handle: (record) => void records.push({ ...record, fields: copyFields(prefix, record.fields) }),
    with: (fields) => memoryHandler(records, copyFields(prefix, fields)),
  };
}
