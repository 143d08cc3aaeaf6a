import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { background, type Context, createContextKey } from "../context/index.ts";
import { notFound } from "../errors/index.ts";
import {
  createLogger,
  type Level,
  type Logger,
  type LoggerOptions,
  type LogHandler,
} from "./index.ts";

const timeMs = Date.UTC(2024, 1, 29, 12, 30, 45, 7);

function jsonLogger(options: LoggerOptions = {}): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return {
    logger: createLogger({ format: "json", destination, now: () => timeMs, ...options }),
    lines,
  };
}

/** What a parser reads from the field `v` of a record. */
function written(value: unknown, options: LoggerOptions = {}): unknown {
  const { logger, lines } = jsonLogger(options);
  logger.info("m", { v: value });
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "").v;
}

function throwing(): never {
  throw new Error("broken");
}

describe("createLogger()", () => {
  it("createLogger() writes time, level, msg, the fields of with and those of the call, in this order", () => {
    const { logger, lines } = jsonLogger({ fields: { service: "users" } });
    logger.with({ version: "1" }).warn("late", { n: 1, ok: true, none: null });
    expect(lines).toEqual([
      '{"time":"2024-02-29T12:30:45.007Z","level":"WARN","msg":"late","service":"users","version":"1","n":1,"ok":true,"none":null}\n',
    ]);
  });

  it("createLogger() keeps the time in step with the clock", () => {
    const times = [timeMs, timeMs + 5, timeMs + 993, timeMs - 60_007, -1, 0.9];
    let next = 0;
    const { logger, lines } = jsonLogger({ now: () => times[next++] ?? 0 });
    for (const _ of times) logger.info("m");
    expect(lines.map((line) => JSON.parse(line).time)).toEqual(
      times.map((time) => new Date(Math.floor(time)).toISOString()),
    );
  });

  it("createLogger() leaves the time out when told so", () => {
    const { logger, lines } = jsonLogger({ timestamp: false });
    logger.info("m");
    expect(lines).toEqual(['{"level":"INFO","msg":"m"}\n']);
  });

  it("createLogger() writes info and above by default", () => {
    const { logger, lines } = jsonLogger();
    for (const level of ["debug", "info", "warn", "error"] as const) logger[level](level);
    logger.log("fatal", "fatal");
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(["INFO", "WARN", "ERROR", "FATAL"]);
    expect([logger.enabled("debug"), logger.enabled("info")]).toEqual([false, true]);
  });

  it("createLogger() asks a level function at each record, also for loggers derived before", () => {
    let level: Level = "error";
    const { logger, lines } = jsonLogger({ level: () => level });
    const child = logger.with({ a: 1 });
    child.info("no");
    level = "debug";
    child.debug("yes");
    expect(child.enabled("debug")).toBe(true);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["yes"]);
  });

  it("createLogger() flushes the destination after error and fatal only", () => {
    const events: string[] = [];
    const destination = { write: () => events.push("write"), flush: () => events.push("flush") };
    const logger = createLogger({ format: "json", destination });
    logger.warn("m");
    logger.error("m");
    logger.log("fatal", "m");
    expect(events).toEqual(["write", "write", "flush", "write", "flush"]);
  });

  it("createLogger() refuses what it cannot do", () => {
    expect(() => createLogger({ format: "xml" as "json" })).toThrow(TypeError); // what a JavaScript caller may pass
    expect(() => createLogger({ level: "INFO" as "info" })).toThrow('current value is "INFO"'); // likewise
    expect(() => createLogger({ maxDepth: 0 })).toThrow(RangeError);
  });

  it("createLogger() hands records to a handler in place of writing lines", () => {
    const records: unknown[] = [];
    const handler: LogHandler = { handle: (record) => records.push(record), with: () => handler };
    createLogger({ handler, now: () => 5 })
      .with({ a: 1 })
      .info("m", { b: 2 });
    expect(records).toEqual([{ timeMs: 5, level: "info", message: "m", fields: { b: 2 } }]);
  });

  it("createLogger() binds a handler that wants it to the context, also behind a filter", () => {
    const seen: unknown[] = [];
    const handler = (bound?: Context): LogHandler => ({
      handle: ({ fields }) => seen.push([bound === background, { ...fields }]),
      with: () => handler(bound),
      withContext: handler,
    });
    createLogger({ handler: handler() }).withContext(background).info("m", { a: 1 });
    const filter = { drop: () => false };
    createLogger({ handler: handler(), filter }).with({ b: 2 }).withContext(background).info("m");
    expect(seen).toEqual([
      [true, { a: 1 }],
      [true, { b: 2 }],
    ]);
  });

  it("a logger survives a destination, a handler and a clock that throw", () => {
    const destination = { write: throwing };
    const handler: LogHandler = { handle: throwing, with: () => handler };
    expect(() => createLogger({ format: "json", destination }).error("m")).not.toThrow();
    expect(() => createLogger({ handler }).error("m")).not.toThrow();
    expect(() => createLogger({ handler, now: throwing }).error("m")).not.toThrow();
    expect(createLogger({ handler, level: throwing }).enabled("debug")).toBe(true);
  });
});

describe("with() and withContext()", () => {
  it("with() lets the later of two equal keys win, and writes each key once", () => {
    const { logger, lines } = jsonLogger({ timestamp: false });
    const child = logger.with({ a: 1, b: 1 }).with({ a: 2 });
    child.info("m", { b: 3 });
    child.info("m");
    expect(lines).toEqual([
      '{"level":"INFO","msg":"m","a":2,"b":3}\n',
      '{"level":"INFO","msg":"m","b":1,"a":2}\n',
    ]);
  });

  it("with() leaves the logger it came from as it was", () => {
    const { logger, lines } = jsonLogger({ timestamp: false });
    logger.with({ a: 1 });
    logger.info("m");
    expect(lines).toEqual(['{"level":"INFO","msg":"m"}\n']);
  });

  it("with() calls functions for each record with the bound context", () => {
    const user = createContextKey("user", "nobody");
    let count = 0;
    const { logger, lines } = jsonLogger({ timestamp: false });
    const child = logger.with({
      n: () => ++count,
      user: (context: typeof background) => context.get(user),
      bad: throwing,
    });
    child.info("m");
    child.withContext(background.with(user, "ann")).info("m");
    expect(lines).toEqual([
      '{"level":"INFO","msg":"m","n":1,"user":"nobody","bad":"[unreadable]"}\n',
      '{"level":"INFO","msg":"m","n":2,"user":"ann","bad":"[unreadable]"}\n',
    ]);
  });

  it("with() lets a constant replace a valuer and a valuer a constant", () => {
    const { logger, lines } = jsonLogger({ timestamp: false });
    logger
      .with({ a: () => 1, b: 1 })
      .with({ a: 2, b: () => 2 })
      .info("m");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ a: 2, b: 2 });
  });

  it("functions among a record's own fields are not called", () => {
    expect(written(throwing)).toBe("[function throwing]");
  });

  it("withContext() adds what the extractors read; one that throws adds nothing", () => {
    const trace = createContextKey("trace", "");
    const extractors = [
      throwing,
      () => undefined,
      (context: typeof background) => ({ trace: context.get(trace) }),
    ];
    const { logger, lines } = jsonLogger({ timestamp: false, extractors });
    logger.info("m");
    logger.withContext(background.with(trace, "t1")).info("m", { a: 1 });
    expect(lines).toEqual([
      '{"level":"INFO","msg":"m"}\n',
      '{"level":"INFO","msg":"m","a":1,"trace":"t1"}\n',
    ]);
  });
});

describe("a JSON line", () => {
  it("a JSON line stays one line and harmless whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        fc.anything(),
        (message, key, value) => {
          const { logger, lines } = jsonLogger();
          logger.with({ w: value }).info(message, { [key]: value });
          expect(lines).toHaveLength(1);
          const [line = ""] = lines;
          // oxlint-disable-next-line no-control-regex -- these must not be there
          expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
          expect(JSON.parse(line).msg).toBe(message);
        },
      ),
    );
  });

  it("a JSON line writes plain data as JSON.stringify does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(written(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("a JSON line does not let fields pass for time, level and msg", () => {
    const { logger, lines } = jsonLogger();
    logger.with({ level: "x" }).error("real", { time: "y", msg: "z" });
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      time: "2024-02-29T12:30:45.007Z",
      level: "ERROR",
      msg: "real",
      "fields.level": "x",
      "fields.time": "y",
      "fields.msg": "z",
    });
  });

  it("a JSON line writes an error with its code, reason, stack and causes", () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    expect(written(notFound("USER_NOT_FOUND", "no user 7", { cause }))).toMatchObject({
      message: "no user 7",
      code: 404,
      reason: "USER_NOT_FOUND",
      stack: expect.stringContaining("create-logger.test.ts"),
      cause: { message: "refused", code: "ECONNREFUSED" },
    });
    expect(written(new AggregateError([new TypeError("a")], "all"))).toMatchObject({
      name: "AggregateError",
      errors: [{ name: "TypeError", message: "a" }],
    });
  });

  it("a JSON line ends chains of causes and cycles", () => {
    const error = new Error("e");
    error.cause = error;
    const list: unknown[] = [1];
    list.push(list);
    expect(written(error)).toMatchObject({ message: "e", cause: "[circular]" });
    expect(written(list)).toEqual([1, "[circular]"]);
    const shared = { a: 1 };
    expect(written([shared, shared])).toEqual([shared, shared]);
  });

  it("a JSON line writes what JSON has no word for", () => {
    const message = {
      $typeName: "a.B",
      $unknown: [],
      id: 9_007_199_254_740_993n,
      data: new Uint8Array([1, 2]),
    };
    expect(written(message)).toEqual({ id: "9007199254740993", data: "AQI=" });
    expect(written([Number.NaN, -Infinity, undefined, Symbol("s")])).toEqual([
      "NaN",
      "-Infinity",
      null,
      "Symbol(s)",
    ]);
    expect(written([new Date(0), new Date(Number.NaN)])).toEqual([
      "1970-01-01T00:00:00.000Z",
      "[invalid date]",
    ]);
    expect(
      written([
        new Map<unknown, unknown>([
          ["a", 1],
          [2, new Set([3])],
        ]),
        /x/g,
      ]),
    ).toEqual([{ a: 1, "2": [3] }, "/x/g"]);
    expect(written([new Uint8Array(2000), new ArrayBuffer(8), new URL("http://a/b")])).toEqual([
      "[2000 bytes]",
      "[8 bytes]",
      "http://a/b",
    ]);
  });

  it("a JSON line survives values that throw", () => {
    const getter = Object.defineProperty({ a: 1 }, "bad", { enumerable: true, get: throwing });
    const proxy = new Proxy({}, { ownKeys: throwing, getPrototypeOf: throwing });
    expect(written([getter, { toJSON: throwing }, proxy])).toEqual([
      { a: 1, bad: "[unreadable]" },
      "[unreadable]",
      "[unreadable]",
    ]);
    const { logger, lines } = jsonLogger({ timestamp: false });
    logger.with(getter).info("m", getter);
    expect(lines).toEqual(['{"level":"INFO","msg":"m","a":1,"bad":"[unreadable]"}\n']);
  });

  it("a JSON line is bounded in depth, length and number", () => {
    let deep: unknown = "bottom";
    for (let depth = 0; depth < 10_000; depth++) deep = { deep };
    expect(JSON.stringify(written(deep))).toBe(
      '{"deep":{"deep":{"deep":{"deep":{"deep":{"deep":"[deep]"}}}}}}',
    );
    expect(written("x".repeat(50), { maxStringLength: 10 })).toBe("xxxxxxxxxx… 40 more");
    expect(written([1, 2, 3], { maxItems: 2 })).toEqual([1, 2, "[cut]"]);
    expect(written({ a: 1, b: 2, c: 3 }, { maxItems: 2 })).toEqual({ a: 1, b: 2, "…": "[cut]" });
    // Each level holds the level below a hundred times: 100^6 leaves.
    let bomb: unknown = "x";
    for (let depth = 0; depth < 6; depth++) bomb = Array.from({ length: 100 }, () => bomb);
    expect(JSON.stringify(written(bomb)).length).toBeLessThan(150_000);
  });

  it("a JSON line is bounded in the number of its fields", () => {
    const fields: Record<string, unknown> = {};
    for (let index = 0; index < 100_000; index++) fields[`field${index}`] = index;
    const { logger, lines } = jsonLogger();
    logger.info("m", fields);
    expect(lines[0]?.length).toBeLessThan(70_000);
    expect(JSON.parse(lines[0] ?? "")["…"]).toBe("[cut]");
  });

  it("a JSON line is bounded in the length of a key", () => {
    const { logger, lines } = jsonLogger();
    logger.info("m", { ["k".repeat(100_000)]: 1 });
    expect(lines[0]?.length).toBeLessThan(2000);
  });

  it("a JSON line writes the key __proto__ as any other", () => {
    const { logger, lines } = jsonLogger({ timestamp: false });
    logger.info("m", JSON.parse('{"__proto__":{"x":1}}'));
    expect(lines).toEqual(['{"level":"INFO","msg":"m","__proto__":{"x":1}}\n']);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });
});
