import { copyFields } from "./copy-fields.ts";
import { isError, stackText } from "./error-text.ts";
import type { LineHandlerOptions } from "./json-handler.ts";
import type { LogHandler, LogRecord } from "./log-handler.ts";
import type { Fields, Level } from "./logger.ts";
import { escapeUnsafe } from "./quote.ts";
import { timeText } from "./time-text.ts";
import { readProperty, ValueEncoder } from "./value-encoder.ts";

export interface PrettyHandlerOptions extends LineHandlerOptions {
  readonly colors: boolean;
}

const levelColors: Readonly<Record<Level, number>> = {
  debug: 90,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 35,
};

const longestKey = 1024;

// Text that cannot be taken for anything else needs no quotes.
const bareText = /^[\w./:@+*-]+$/;

/** Writes records for people: `time LEVEL message key=value`, and the stacks of errors below, indented. */
export class PrettyHandler implements LogHandler {
  readonly #options: PrettyHandlerOptions;
  readonly #encoder: ValueEncoder;
  readonly #prefix: Fields;

  constructor(options: PrettyHandlerOptions, prefix: Fields = {}) {
    this.#options = options;
    this.#encoder = new ValueEncoder(options.limits);
    this.#prefix = prefix;
  }

  handle(record: LogRecord): void {
    const { sink, timestamp, limits } = this.#options;
    const { level, message } = record;
    const parts: string[] = timestamp ? [this.#color(2, timeText(record.timeMs))] : [];
    parts.push(this.#color(levelColors[level], level.toUpperCase().padEnd(5)));
    parts.push(escapeUnsafe(message.slice(0, limits.maxStringLength)));
    let stacks = "";
    const fields: Fields = copyFields(this.#prefix, record.fields);
    for (const key of Object.keys(fields).slice(0, limits.maxItems)) {
      const value = fields[key];
      const stack = stackOf(key, value);
      if (stack !== undefined) stacks += indented(stack);
      if (stack === undefined || isError(value)) parts.push(this.#field(key, value));
    }
    sink.write(`${parts.join(" ")}\n${stacks}`);
    if (level === "error" || level === "fatal") sink.flush?.();
  }

  with(fields: Fields): LogHandler {
    return new PrettyHandler(this.#options, copyFields(this.#prefix, fields));
  }

  #field(key: string, value: unknown): string {
    const shown = isError(value) ? readProperty(value, "message") : value;
    const text =
      typeof shown === "string" && bareText.test(shown) ? shown : this.#encoder.encode(key, shown);
    return `${this.#color(2, `${escapeUnsafe(key.slice(0, longestKey))}=`)}${text}`;
  }

  #color(code: number, text: string): string {
    return this.#options.colors ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** Text of several lines that belongs below the record: of errors, and of fields named stack. */
function stackOf(key: string, value: unknown): string | undefined {
  if (isError(value)) return stackText(value);
  return key === "stack" && typeof value === "string" && value.includes("\n") ? value : undefined;
}

function indented(stack: string): string {
  let text = "";
  for (const line of stack.split("\n")) text += `    ${escapeUnsafe(line)}\n`;
  return text;
}
