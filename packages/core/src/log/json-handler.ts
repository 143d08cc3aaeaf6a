import type { LogHandler, LogRecord } from "./log-handler.ts";
import type { Fields, Level } from "./logger.ts";
import { quote } from "./quote.ts";
import type { Sink } from "./sink.ts";
import { timeText } from "./time-text.ts";
import { readProperty, ValueEncoder } from "./value-encoder.ts";
import type { ValueLimits } from "./value-limits.ts";

export interface LineHandlerOptions {
  readonly sink: Sink;
  readonly timestamp: boolean;
  readonly limits: Required<ValueLimits>;
}

/** One field that was encoded when `with` was called: `,"key":value`. */
interface EncodedField {
  readonly key: string;
  readonly text: string;
}

const levelTexts: Readonly<Record<Level, string>> = {
  debug: '"level":"DEBUG","msg":',
  info: '"level":"INFO","msg":',
  warn: '"level":"WARN","msg":',
  error: '"level":"ERROR","msg":',
  fatal: '"level":"FATAL","msg":',
};

// A field of such a name must not pass for the record's own: the reader's parser would believe the last one.
const ownKeys: ReadonlySet<string> = new Set(["time", "level", "msg"]);

/**
 * Writes a record as one line of JSON: time, level, msg, the fields of `with`, the record's own fields.
 * A key stands once in a line: the later field wins. Fields named time, level or msg become `fields.<name>`.
 */
export class JsonHandler implements LogHandler {
  readonly #options: LineHandlerOptions;
  readonly #encoder: ValueEncoder;
  readonly #prefix: readonly EncodedField[];
  readonly #prefixKeys: ReadonlySet<string>;
  readonly #prefixText: string;

  constructor(options: LineHandlerOptions, prefix: readonly EncodedField[] = []) {
    this.#options = options;
    this.#encoder = new ValueEncoder(options.limits);
    this.#prefix = prefix;
    this.#prefixKeys = new Set(prefix.map((field) => field.key));
    this.#prefixText = prefix.map((field) => field.text).join("");
  }

  handle(record: LogRecord): void {
    const { fields, level } = record;
    const { limits, sink, timestamp } = this.#options;
    const keys = Object.keys(fields);
    let line = timestamp ? `{"time":"${timeText(record.timeMs)}",` : "{";
    line += levelTexts[level] + this.#encoder.encode("msg", record.message) + this.#prefixFor(keys);
    for (const key of keys) {
      if (line.length > limits.maxRecordLength) {
        line += ',"…":"[cut]"';
        break;
      }
      line += keyText(key) + this.#encoder.encode(key, readProperty(fields, key));
    }
    sink.write(`${line}}\n`);
    if (level === "error" || level === "fatal") sink.flush?.();
  }

  with(fields: Fields): LogHandler {
    const keys = Object.keys(fields);
    const kept = this.#prefix.filter((field) => !keys.includes(field.key));
    const added = keys.map((key) => ({
      key,
      text: keyText(key) + this.#encoder.encode(key, readProperty(fields, key)),
    }));
    return new JsonHandler(this.#options, [...kept, ...added]);
  }

  #prefixFor(keys: readonly string[]): string {
    if (this.#prefixText === "" || !this.#repeats(keys)) return this.#prefixText;
    let text = "";
    for (const field of this.#prefix) if (!keys.includes(field.key)) text += field.text;
    return text;
  }

  #repeats(keys: readonly string[]): boolean {
    for (const key of keys) if (this.#prefixKeys.has(key)) return true;
    return false;
  }
}

// Keys are few and written by programmers; the bound is for those that are not.
const maxKeyTexts = 1024;
const longestCachedKey = 64;
const longestKey = 1024;
const keyTexts = new Map<string, string>();

function keyText(key: string): string {
  return keyTexts.get(key) ?? newKeyText(key);
}

function newKeyText(key: string): string {
  if (key.length > longestKey) return newKeyText(`${key.slice(0, longestKey - 1)}…`);
  const text = `,${quote(ownKeys.has(key) ? `fields.${key}` : key)}:`;
  if (keyTexts.size < maxKeyTexts && key.length <= longestCachedKey) keyTexts.set(key, text);
  return text;
}
