import { describe, expect, it } from "vitest";
import { background } from "../context/index.ts";
import { contextWithFields, fieldsFromContext, memoryLogger } from "./index.ts";

describe("contextWithFields()", () => {
  it("contextWithFields() adds to what the context has, and leaves that as it was", () => {
    const outer = contextWithFields(background, { a: 1, b: 1 });
    const inner = contextWithFields(outer, { b: 2 });
    expect([
      fieldsFromContext(background),
      fieldsFromContext(outer),
      fieldsFromContext(inner),
    ]).toEqual([{}, { a: 1, b: 1 }, { a: 1, b: 2 }]);
  });

  it("contextWithFields() puts its fields after the record's own, before the filter", () => {
    const { logger, records } = memoryLogger({ filter: { keys: ["token"] } });
    logger
      .withContext(contextWithFields(background, { user: "ann", token: "t" }))
      .info("m", { a: 1 });
    expect(Object.entries(records[0]?.fields ?? {})).toEqual([
      ["a", 1],
      ["user", "ann"],
      ["token", "***"],
    ]);
  });

  it("contextWithFields() says nothing to loggers that are not bound", () => {
    const { logger, records } = memoryLogger();
    contextWithFields(background, { a: 1 });
    logger.info("m");
    expect(records[0]?.fields).toEqual({});
  });
});
