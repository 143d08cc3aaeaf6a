import { expect, test } from "vitest";
import { call, serve } from "./testdata/example.ts";

test("BbrLimiter and SreBreaker let through what goes well, as the README shows", async () => {
  expect(await serve(async () => "served")).toBe("served");
  expect(await call(async () => "called")).toBe("called");
  const answers: unknown[] = [];
  for (let failing = 0; failing < 200; failing += 1) {
    answers.push(await call(() => Promise.reject(new Error("down"))).catch(() => "failed"));
  }
  expect(new Set(answers)).toEqual(new Set(["failed", "not called"]));
});
