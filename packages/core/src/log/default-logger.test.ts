import { expect, it } from "vitest";
import { background } from "../context/index.ts";
import { defaultLogger, memoryLogger, nopLogger, setDefaultLogger } from "./index.ts";

it("setDefaultLogger() replaces what defaultLogger() answers, and gives the one before back", () => {
  const { logger } = memoryLogger();
  const before = defaultLogger();
  expect(setDefaultLogger(logger)).toBe(before);
  expect(defaultLogger()).toBe(logger);
  expect(setDefaultLogger(before)).toBe(logger);
});

it("nopLogger stays silent, whatever is derived from it", () => {
  const derived = nopLogger.with({ a: 1 }).withContext(background);
  derived.error("m");
  expect([derived.enabled("fatal"), derived]).toEqual([false, nopLogger]);
});

it("memoryLogger() keeps records as objects with the values given, and forgets them when told", () => {
  const memory = memoryLogger({ now: () => 5 });
  const error = new Error("e");
  memory.logger.with({ a: 1 }).debug("m", { error });
  expect(memory.records).toEqual([
    { timeMs: 5, level: "debug", message: "m", fields: { a: 1, error } },
  ]);
  expect(memory.records[0]?.fields["error"]).toBe(error);
  memory.clear();
  expect(memory.records).toEqual([]);
});
