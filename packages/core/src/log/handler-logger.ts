import { background, type Context } from "../context/index.ts";
import { fieldsFromContext, noFields } from "./context-fields.ts";
import { copyFields } from "./copy-fields.ts";
import type { Filter } from "./filter.ts";
import { levels } from "./level.ts";
import type { LogHandler, LogRecord } from "./log-handler.ts";
import type { Fields, Level, Logger } from "./logger.ts";
import { readProperty } from "./value-encoder.ts";

/** Reads what a record should say about its call. */
export type Extractor = (context: Context) => Fields | undefined;

/** What a logger and all that are derived from it have in common. */
export interface LoggerCore {
  readonly handler: LogHandler;
  readonly level: Level | (() => Level);
  readonly now: () => number;
  readonly extractors: readonly Extractor[];
  readonly filters: readonly Filter[];
}

/** What `with` and `withContext` have added. */
interface Binding {
  /** The core's handler with the prefix. */
  readonly handler: LogHandler;
  readonly prefix: Fields;
  readonly valuers: Fields | undefined;
  readonly context: Context | undefined;
}

/** The one Logger of the toolbox: levels, valuers, context and filters in front of a handler. It never throws. */
export class HandlerLogger implements Logger {
  readonly #core: LoggerCore;
  readonly #binding: Binding;
  /** The fixed threshold of level and filters; what may change at run time is asked for at each record. */
  readonly #severity: number;
  readonly #isPlain: boolean;

  constructor(core: LoggerCore, binding?: Binding) {
    this.#core = core;
    this.#binding = binding ?? {
      handler: core.handler,
      prefix: noFields,
      valuers: undefined,
      context: undefined,
    };
    const fixed = typeof core.level === "string" ? levels[core.level] : Number.NEGATIVE_INFINITY;
    this.#severity = Math.max(fixed, ...core.filters.map((filter) => filter.severity));
    const { valuers, context } = this.#binding;
    this.#isPlain = valuers === undefined && context === undefined && core.filters.length === 0;
  }

  debug(message: string, fields?: Fields): void {
    this.log("debug", message, fields);
  }

  info(message: string, fields?: Fields): void {
    this.log("info", message, fields);
  }

  warn(message: string, fields?: Fields): void {
    this.log("warn", message, fields);
  }

  error(message: string, fields?: Fields): void {
    this.log("error", message, fields);
  }

  log(level: Level, message: string, fields: Fields = noFields): void {
    try {
      if (!this.enabled(level)) return;
      const record = {
        timeMs: this.#core.now(),
        level,
        message,
        fields: fields ?? noFields,
      };
      if (this.#isPlain) this.#binding.handler.handle(record);
      else this.#complete(record);
    } catch {
      // A record is never worth the call it tells about.
    }
  }

  enabled(level: Level): boolean {
    const severity = levels[level];
    if (!(severity >= this.#severity)) return false;
    const { level: current, handler } = this.#core;
    try {
      if (typeof current === "function" && severity < (levels[current()] ?? levels.info))
        return false;
      return handler.enabled === undefined || handler.enabled(level);
    } catch {
      return true;
    }
  }

  with(fields: Fields): Logger {
    const constants: Record<string, unknown> = Object.create(null);
    const valuers = copyFields(this.#binding.valuers ?? noFields);
    for (const key of Object.keys(fields)) {
      const value = readProperty(fields, key);
      delete valuers[key];
      if (typeof value === "function") valuers[key] = value;
      else constants[key] = value;
    }
    const added = this.#mask(constants);
    return new HandlerLogger(this.#core, {
      handler: this.#binding.handler.with(added),
      prefix: copyFields(this.#binding.prefix, added),
      valuers: Object.keys(valuers).length === 0 ? undefined : valuers,
      context: this.#binding.context,
    });
  }

  withContext(context: Context): Logger {
    const { handler, prefix, valuers } = this.#binding;
    const bound = handler.withContext === undefined ? handler : handler.withContext(context);
    return new HandlerLogger(this.#core, { handler: bound, prefix, valuers, context });
  }

  /** A logger that filters what this one has and will get. */
  filtered(filter: Filter): Logger {
    const core = { ...this.#core, filters: [...this.#core.filters, filter] };
    const prefix = filter.maskFields(this.#binding.prefix);
    return new HandlerLogger(core, {
      ...this.#binding,
      handler: this.#root().with(prefix),
      prefix,
    });
  }

  /** The handler bound to the context, without the prefix. */
  #root(): LogHandler {
    const { handler } = this.#core;
    const { context } = this.#binding;
    return context === undefined || handler.withContext === undefined
      ? handler
      : handler.withContext(context);
  }

  #complete(record: LogRecord): void {
    const { filters } = this.#core;
    const { timeMs, level } = record;
    const fields = this.#mask(this.#withCallFields(record.fields));
    if (filters.length === 0) {
      this.#binding.handler.handle(
        fields === record.fields ? record : { timeMs, level, message: record.message, fields },
      );
      return;
    }
    let { message } = record;
    for (const filter of filters) message = filter.maskMessage(message);
    if (filters.every((filter) => filter.drop === undefined)) {
      this.#binding.handler.handle({ timeMs, level, message, fields });
      return;
    }
    const whole = { timeMs, level, message, fields: copyFields(this.#binding.prefix, fields) };
    if (!filters.some((filter) => drops(filter, whole))) this.#root().handle(whole);
  }

  /** Puts the valuers' answers before a record's own fields, and what the context says after them. */
  #withCallFields(fields: Fields): Fields {
    const { valuers, context } = this.#binding;
    const carried = context === undefined ? noFields : fieldsFromContext(context);
    const { extractors } = this.#core;
    if (valuers === undefined && carried === noFields && extractors.length === 0) return fields;
    const parts: Fields[] = [];
    if (valuers !== undefined) parts.push(evaluate(valuers, context ?? background));
    parts.push(fields);
    if (context !== undefined)
      for (const extract of extractors) parts.push(extracted(extract, context));
    parts.push(carried);
    return copyFields(...parts);
  }

  #mask(fields: Fields): Fields {
    let visible = fields;
    for (const filter of this.#core.filters) visible = filter.maskFields(visible);
    return visible;
  }
}

function evaluate(valuers: Fields, context: Context): Fields {
  const values: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(valuers)) {
    const valuer = valuers[key];
    try {
      values[key] = typeof valuer === "function" ? valuer(context) : valuer;
    } catch {
      values[key] = "[unreadable]";
    }
  }
  return values;
}

function extracted(extract: Extractor, context: Context): Fields {
  try {
    return extract(context) ?? noFields;
  } catch {
    return noFields;
  }
}

function drops(filter: Filter, record: LogRecord & { fields: Record<string, unknown> }): boolean {
  try {
    return filter.drop?.(record) === true;
  } catch {
    // What the function meant to hide is not known: the message alone is written.
    for (const key of Object.keys(record.fields)) delete record.fields[key];
    return false;
  }
}
