import { expect, test } from "vitest";

test("the example of the README runs", async () => {
  const { answer } = await import("./testdata/example.ts");
  expect(answer).toBe("hello");
});
