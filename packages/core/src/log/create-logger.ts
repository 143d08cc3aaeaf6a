/**
 * The logger of the toolbox: leveled records with fields, as JSON lines or for people.
 *
 *     const logger = createLogger({ level: "debug", filter: { keys: ["password"] } }).with({ service: "users" });
 *     logger.info("user created", { id: 7 });
 *
 * After Kratos's log package: the v3 shape (message and attributes, filter on key names, extractors),
 * with v2's valuers. A record never throws, never ends the process and never leaves its line.
 */
import { compileFilter, type FilterOptions } from "./filter.ts";
import { type Extractor, HandlerLogger } from "./handler-logger.ts";
import { JsonHandler } from "./json-handler.ts";
import { checkedLevel } from "./level.ts";
import type { LogHandler } from "./log-handler.ts";
import type { Fields, Level, Logger } from "./logger.ts";
import { PrettyHandler } from "./pretty-handler.ts";
import type { Sink } from "./sink.ts";
import { stderrSink } from "./stderr-sink.ts";
import { usesColors } from "./uses-colors.ts";
import { checkedLimits, type ValueLimits } from "./value-limits.ts";

export interface LoggerOptions extends ValueLimits {
  /** Records below it are not written; a function is asked at each record, so the level can change. @default "info" */
  readonly level?: Level | (() => Level);
  /** "auto" is "pretty" on a terminal and "json" elsewhere. @default "auto" */
  readonly format?: "json" | "pretty" | "auto";
  /** Where lines go. @default standard error, buffered */
  readonly destination?: Sink;
  /** Writes the records in place of format and destination: another log library. @default none */
  readonly handler?: LogHandler;
  /** What must not be written. @default {} */
  readonly filter?: FilterOptions;
  /** Fields of every record, as by `with`. @default {} */
  readonly fields?: Fields;
  /** Read fields from the context of a logger bound with `withContext`; one that throws adds nothing. @default [] */
  readonly extractors?: readonly Extractor[];
  /** Whether lines begin with the time. @default true */
  readonly timestamp?: boolean;
  /** Buffer of standard error; not used with a destination. @default 16384, and 0 on a terminal */
  readonly bufferBytes?: number;
  /** Longest stay in that buffer; records of level error and fatal do not stay. @default 100 */
  readonly flushIntervalMs?: number;
  /** The clock, epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/**
 * Makes a logger.
 * @throws TypeError for an unknown level or format, RangeError for a limit out of range
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = "info", now = Date.now, filter, fields, extractors = [] } = options;
  const limits = checkedLimits(options);
  const logger = new HandlerLogger({
    handler: options.handler ?? lineHandler(options, limits),
    level: typeof level === "function" ? level : checkedLevel(level),
    now,
    extractors: [...extractors],
    filters: filter === undefined ? [] : [compileFilter(filter, limits)],
  });
  return fields === undefined ? logger : logger.with(fields);
}

function lineHandler(options: LoggerOptions, limits: Required<ValueLimits>): LogHandler {
  const { format = "auto", timestamp = true } = options;
  if (format !== "auto" && format !== "json" && format !== "pretty") {
    throw new TypeError(
      `Cannot create a logger as format must be "json", "pretty" or "auto": current value is ${JSON.stringify(format)}`,
    );
  }
  const sink = options.destination ?? stderrSink(options);
  const isPretty = format === "pretty" || (format === "auto" && sink.isTTY === true);
  const lineOptions = { sink, timestamp, limits };
  return isPretty
    ? new PrettyHandler({ ...lineOptions, colors: usesColors(sink, process.env) })
    : new JsonHandler(lineOptions);
}
