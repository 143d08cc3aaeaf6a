import { describe, expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { fromError, notFound } from "../../errors/index.ts";
import { memoryLogger } from "../../log/index.ts";
import { recovery } from "./index.ts";

async function thrownBy(error: unknown, options = {}): Promise<unknown> {
  const handler = recovery({ logger: memoryLogger().logger, ...options })(() =>
    Promise.reject(error),
  );
  return handler({}, background).catch((caught: unknown) => caught);
}

describe("recovery()", () => {
  it("answers an accident with 500 UNKNOWN and keeps its text from the caller", async () => {
    const error = fromError(await thrownBy(new TypeError("x is not a function")));
    expect(error).toMatchObject({ code: 500, reason: "UNKNOWN", message: "unknown request error" });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it("catches what is thrown before a promise is made, and things that are no errors", async () => {
    const handler = recovery({ logger: memoryLogger().logger })(() => {
      throw "text";
    });
    await expect(handler({}, background)).rejects.toMatchObject({ reason: "UNKNOWN" });
  });

  it("lets errors on purpose pass unchanged", async () => {
    const wrapped = new Error("around", { cause: notFound("R", "m") });
    for (const error of [notFound("R", "m"), wrapped, new DOMException("gone", "AbortError")]) {
      expect(await thrownBy(error)).toBe(error);
    }
  });

  it("logs the accident with its stack", async () => {
    const { logger, records } = memoryLogger();
    await thrownBy(new TypeError("boom"), { logger });
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ level: "error", message: "panic recovered" });
  });

  it("asks the handler for the error", async () => {
    const answer = notFound("GONE", "gone");
    const seen: unknown[] = [];
    const handler = (error: unknown, failure: { latencyMs: number }) => {
      seen.push(error, typeof failure.latencyMs);
      return answer;
    };
    const boom = new RangeError("boom");
    expect(await thrownBy(boom, { handler })).toBe(answer);
    expect(seen).toEqual([boom, "number"]);
  });

  it("recovers a stream that breaks half way", async () => {
    const broken = async function* (): AsyncGenerator<unknown> {
      yield 1;
      throw new TypeError("boom");
    };
    const stream = (await recovery({ logger: memoryLogger().logger })(async () => broken())(
      {},
      background,
    )) as AsyncIterable<unknown>;
    const got: unknown[] = [];
    await expect(
      (async () => {
        for await (const item of stream) got.push(item);
      })(),
    ).rejects.toMatchObject({ reason: "UNKNOWN" });
    expect(got).toEqual([1]);
  });
});
