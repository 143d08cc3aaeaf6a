import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { background, type Context, type ContextKey, createContextKey } from "../context/index.ts";
import {
  createLogger,
  filterLogger,
  isLevel,
  type Logger,
  type LogRecord,
  memoryLogger,
} from "./index.ts";

interface Step {
  readonly with?: readonly unknown[];
  readonly filter?: {
    readonly level?: string;
    readonly keys?: readonly string[];
    readonly values?: readonly unknown[];
    readonly func?: string;
  };
}

interface Case {
  readonly name: string;
  readonly input: {
    readonly build: readonly Step[];
    readonly context?: Readonly<Record<string, unknown>>;
    readonly records: readonly { readonly level: string; readonly kv: readonly unknown[] }[];
  };
  readonly expected: { readonly output: string };
}

const differences: Readonly<Record<string, { readonly reason: string; readonly ours: string }>> = {
  "std empty record writes nothing": { reason: "a record always has a message", ours: "DEBUG\n" },
  "nested With appends, duplicates are kept": {
    reason: "a key stands once in a record: the later value wins",
    ours: "INFO module=sub msg=x\n",
  },
  "filter without a level drops DEBUG": {
    reason: "a filter without a level has no opinion on levels",
    ours: "DEBUG msg=x\nINFO msg=y\n",
  },
  "filter masks only the call fields, not an inner prefix": {
    reason: "a secret is a secret wherever it was added; and a key stands once",
    ours: "INFO password=***\n",
  },
};

const keys = new Map<string, ContextKey<unknown>>();

function keyOf(name: string): ContextKey<unknown> {
  const key = keys.get(name) ?? createContextKey<unknown>(name, "");
  keys.set(name, key);
  return key;
}

function fieldsOf(pairs: readonly unknown[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let index = 0; index < pairs.length; index += 2)
    fields[String(pairs[index])] = valueOf(pairs[index + 1]);
  return fields;
}

function valueOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$ctx" in value)) return value;
  const key = keyOf(String(value.$ctx));
  return (context: Context) => context.get(key);
}

function build(logger: Logger, step: Step): Logger {
  if (step.with !== undefined) return logger.with(fieldsOf(step.with));
  if (step.filter === undefined) return logger;
  const { level, func, ...rest } = step.filter;
  const name = level?.toLowerCase();
  return filterLogger(logger, {
    ...rest,
    ...(isLevel(name) ? { level: name } : {}),
    ...(func === "dropPrefix" ? { drop: dropPrefix } : {}),
  });
}

function dropPrefix({ fields }: { readonly fields: Record<string, unknown> }): boolean {
  if ("filtered" in fields) fields["filtered"] = "***";
  return "prefix" in fields;
}

function lineOf(record: LogRecord): string {
  const pairs = Object.entries(record.fields).map(([key, value]) => `${key}=${String(value)}`);
  return `${[record.level.toUpperCase(), ...pairs].join(" ")}\n`;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`testdata/${file}.json`, import.meta.url), "utf8")).cases;
}

describe("filterLogger()", () => {
  const cases = read("log-filter") as readonly Case[];

  it.each(cases)(
    "filterLogger() and with() do as Go's v2 does: $name",
    ({ name, input, expected }) => {
      const memory = memoryLogger();
      let { logger } = memory;
      for (const step of input.build) logger = build(logger, step);
      let context = background;
      for (const [key, value] of Object.entries(input.context ?? {}))
        context = context.with(keyOf(key), value);
      if (input.context !== undefined) logger = logger.withContext(context);
      for (const { level, kv } of input.records) {
        const lower = level.toLowerCase();
        if (isLevel(lower)) logger.log(lower, "", fieldsOf(kv));
      }
      expect(memory.records.map(lineOf).join("")).toBe(differences[name]?.ours ?? expected.output);
    },
  );

  it("the list of differences names cases that exist", () => {
    for (const name of Object.keys(differences))
      expect(cases.map((one) => one.name)).toContain(name);
  });
});

interface AttrCase {
  readonly name: string;
  readonly input: {
    readonly keys: readonly string[];
    readonly groups: readonly string[];
    readonly message: string;
    readonly dropMessages?: readonly string[];
    readonly attrs: Readonly<Record<string, unknown>>;
  };
  readonly expected: { readonly attrs: Readonly<Record<string, unknown>> };
}

function grouped(
  groups: readonly string[],
  attrs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return groups.reduceRight<Record<string, unknown>>((inner, group) => ({ [group]: inner }), {
    ...attrs,
  });
}

describe("the filter of createLogger()", () => {
  it.each(read("log-filter-v3") as readonly AttrCase[])(
    "createLogger() filters as Go's v3 does: $name",
    ({ input, expected }) => {
      const { dropMessages = [] } = input;
      const drop = (record: LogRecord) => dropMessages.includes(record.message);
      const memory = memoryLogger({ filter: { keys: input.keys, drop } });
      memory.logger.info(input.message, grouped(input.groups, input.attrs));
      for (const message of dropMessages) memory.logger.info(message);
      expect(memory.records.map((record) => record.fields)).toEqual([
        grouped(input.groups, expected.attrs),
      ]);
    },
  );

  it("keys hide members of lists, maps, class instances and toJSON's answers", () => {
    class Account {
      readonly password = "s1";
    }
    const lines: string[] = [];
    const logger = createLogger({
      format: "json",
      destination: { write: (line) => lines.push(line) },
      filter: { keys: ["password", "user.token"] },
    });
    logger.info("m", {
      list: [{ password: "s2" }, [{ password: "s3" }]],
      map: new Map([["password", "s4"]]),
      account: new Account(),
      json: { toJSON: () => ({ password: "s5" }) },
      password: new Account(),
      user: [{ token: "s6" }],
      error: Object.assign(new Error("e"), { password: "s7" }),
      token: "seen",
    });
    const line = lines.join("");
    expect(line).not.toMatch(/s[1-7]"/);
    expect(line).toContain('"token":"seen"');
    expect(line.match(/\*\*\*/g)).toHaveLength(7);
  });

  it("keys hide the fields of with(), of valuers and of the context", () => {
    const { logger, records } = memoryLogger({
      filter: { keys: ["a", "b", "c", "d"] },
      fields: { a: "s" },
      extractors: [() => ({ c: "s" })],
    });
    logger
      .with({ b: () => "s", e: 1 })
      .withContext(background)
      .info("m", { d: "s" });
    expect(records[0]?.fields).toEqual({ a: "***", b: "***", c: "***", d: "***", e: 1 });
  });

  it("values hide whole strings at any depth, and the message", () => {
    const { logger, records } = memoryLogger({ filter: { values: ["hush", 7] } });
    logger.info("hush", {
      a: "hush",
      b: "hush hush",
      c: ["hush", { d: "hush" }],
      e: 7,
      f: new Error("hush"),
    });
    expect(records[0]?.message).toBe("***");
    expect(records[0]?.fields).toMatchObject({
      a: "***",
      b: "hush hush",
      c: ["***", { d: "***" }],
      e: "***",
    });
    expect(records[0]?.fields["f"]).toEqual({ message: "***" });
  });

  it("masking leaves the caller's objects as they are, and passes untouched values on themselves", () => {
    const { logger, records } = memoryLogger({ filter: { keys: ["password"] } });
    const user = Object.freeze({ name: "n", password: "p" });
    const error = new Error("e");
    logger.info("m", Object.freeze({ user, error }));
    expect(user.password).toBe("p");
    expect(records[0]?.fields).toEqual({ user: { name: "n", password: "***" }, error });
    expect(records[0]?.fields["error"]).toBe(error);
  });

  it("masking takes an error that carries a secret apart, and passes others on themselves", () => {
    const { logger, records } = memoryLogger({ filter: { keys: ["authorization"] } });
    const config = { headers: { authorization: "Bearer s" } };
    const carrier = Object.assign(new Error("e"), { config });
    const harmless = Object.assign(new Error("e"), { errno: -2 });
    logger.info("m", { carrier, harmless });
    expect(records[0]?.fields["carrier"]).toEqual({ message: "e", stack: carrier.stack });
    expect(records[0]?.fields["harmless"]).toBe(harmless);
  });

  it("a value too deep to look through does not get by as a whole", () => {
    const { logger, records } = memoryLogger({ maxDepth: 2, filter: { keys: ["password"] } });
    logger.info("m", { a: { b: { c: { password: "secret" } } } });
    expect(JSON.stringify(records)).not.toContain("secret");
  });

  it("drop sees the masked record with all its fields, and may change its copy", () => {
    const seen: unknown[] = [];
    const drop = ({ fields }: { readonly fields: Record<string, unknown> }): boolean => {
      seen.push({ ...fields });
      delete fields["a"];
      return fields["b"] === "drop";
    };
    const { logger, records } = memoryLogger({ filter: { keys: ["password"], drop } });
    const child = logger.with({ a: 1, password: "p" });
    child.info("m", { b: "keep" });
    child.info("m", { b: "drop" });
    expect(seen[0]).toEqual({ a: 1, password: "***", b: "keep" });
    expect(records.map((record) => record.fields)).toEqual([{ password: "***", b: "keep" }]);
  });

  it("a drop that throws costs the fields, not the record", () => {
    const drop = (): boolean => {
      throw new Error("broken");
    };
    const { logger, records } = memoryLogger({ filter: { drop } });
    logger.info("m", { secret: "s" });
    expect(records).toMatchObject([{ message: "m" }]);
    expect(records[0]?.fields).toEqual({});
  });

  it("filterLogger() takes loggers of other kinds by their methods", () => {
    const { logger, records } = memoryLogger();
    const foreign: Logger = {
      debug: (message, fields) => logger.debug(message, fields),
      info: (message, fields) => logger.info(message, fields),
      warn: (message, fields) => logger.warn(message, fields),
      error: (message, fields) => logger.error(message, fields),
      log: (level, message, fields) => logger.log(level, message, fields),
      with: (fields) => logger.with(fields),
      withContext: (context) => logger.withContext(context),
      enabled: (level) => logger.enabled(level),
    };
    const filtered = filterLogger(foreign, { level: "warn", keys: ["password"] });
    filtered.info("no");
    filtered.with({ password: "p", at: () => 3 }).warn("yes", { n: 1 });
    expect(records.map((record) => [record.message, { ...record.fields }])).toEqual([
      ["yes", { password: "***", at: 3, n: 1 }],
    ]);
    expect([filtered.enabled("info"), filtered.enabled("warn")]).toEqual([false, true]);
  });

  it("filterLogger() refuses a level that is none", () => {
    const level = "loud" as "info"; // what a JavaScript caller may pass
    expect(() => filterLogger(memoryLogger().logger, { level })).toThrow(
      'Cannot set a log level as it must be one of debug, info, warn, error, fatal: current value is "loud"',
    );
  });
});
