import { describe, expect, it, vi } from "vitest";
import {
  background,
  createContextKey,
  createSharedContextKey,
  endsOnlyByDeadline,
  onEnd,
  withCancel,
} from "./index.ts";

const user = createContextKey("user", "nobody");

describe("Context", () => {
  it("get() answers the nearest value, and the fallback where there is none", () => {
    const outer = background.with(user, "ada");
    const inner = outer.withTimeout(1000).with(createContextKey("other", 0), 1).with(user, "grace");
    expect(background.get(user)).toBe("nobody");
    expect(outer.get(user)).toBe("ada");
    expect(inner.get(user)).toBe("grace");
  });

  it("with() keeps undefined as a value of its own", () => {
    const key = createContextKey<string | undefined>("maybe", "fallback");
    expect(background.with(key, undefined).get(key)).toBeUndefined();
  });

  it("createContextKey() makes two keys of one name; createSharedContextKey() one", () => {
    expect(background.with(createContextKey("a", 0), 1).get(createContextKey("a", 0))).toBe(0);
    const shared = background.with(createSharedContextKey("a-test", 0), 1);
    expect(shared.get(createSharedContextKey("a-test", 0))).toBe(1);
  });

  it("withTimeout() takes the earlier of two deadlines", () => {
    const short = background.withTimeout(1000);
    const long = short.withTimeout(60_000);
    expect(long.deadline).toBe(short.deadline);
    const shorter = short.withTimeout(10);
    expect(shorter.deadline).toBeLessThan(short.deadline ?? 0);
    expect(background.deadline).toBeUndefined();
  });

  it("withTimeout() takes Infinity for no deadline of its own", () => {
    const short = background.withTimeout(1000);
    expect(short.withTimeout(Infinity).deadline).toBe(short.deadline);
    expect(background.withTimeout(Infinity).deadline).toBeUndefined();
    expect(background.withTimeout(Infinity).signal.aborted).toBe(false);
  });

  it("withTimeout() refuses NaN", () => {
    expect(() => background.withTimeout(Number.NaN)).toThrow(RangeError);
  });

  it("signal aborts with a TimeoutError when the deadline passes", () => {
    vi.useFakeTimers();
    try {
      const { signal } = background.withTimeout(100).with(user, "ada");
      vi.advanceTimersByTime(90);
      expect(signal.aborted).toBe(false);
      vi.advanceTimersByTime(30);
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ name: "TimeoutError" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("signal of a child aborts with its parent's deadline", () => {
    vi.useFakeTimers();
    try {
      const { signal } = background.withTimeout(50).withTimeout(60_000);
      vi.advanceTimersByTime(70);
      expect(signal.reason).toMatchObject({ name: "TimeoutError" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("withSignal() ends with the signal and its reason", () => {
    const controller = new AbortController();
    const context = background.withSignal(controller.signal).with(user, "ada");
    const { signal } = context;
    controller.abort("gone");
    expect(signal.reason).toBe("gone");
    expect(context.withTimeout(60_000).signal.aborted).toBe(true);
  });
});

describe("withCancel()", () => {
  it("ends the context and its children, once", () => {
    const { context, cancel } = withCancel(background);
    const child = context.with(user, "ada").withTimeout(1000);
    const { signal } = child;
    cancel("first");
    cancel("second");
    expect(signal.reason).toBe("first");
    expect(context.signal.reason).toBe("first");
  });

  it("is remembered by a signal that is asked for later", () => {
    const { context, cancel } = withCancel(background);
    cancel();
    expect(context.signal.reason).toMatchObject({
      name: "AbortError",
      message: "context canceled",
    });
    expect(background.signal.aborted).toBe(false);
  });

  it("takes a deadline, and the parent's when that is earlier", () => {
    const soon = Date.now() + 1000;
    expect(withCancel(background, { deadline: soon }).context.deadline).toBe(soon);
    const parent = withCancel(background, { deadline: soon }).context;
    expect(withCancel(parent, { deadline: soon + 1000 }).context.deadline).toBe(soon);
  });
});

describe("onEnd()", () => {
  it("makes no signal where only a deadline can end the context", () => {
    vi.useFakeTimers();
    try {
      const reasons: unknown[] = [];
      const context = background.withTimeout(50).with(user, "ada");
      onEnd(context, (reason) => reasons.push(reason));
      onEnd(context, () => reasons.push("dropped")).cancel();
      vi.advanceTimersByTime(70);
      expect(reasons).toEqual([expect.objectContaining({ name: "TimeoutError" })]);
      expect(endsOnlyByDeadline(context)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("tells of a cancellation, and of one that has been", async () => {
    const { context, cancel } = withCancel(background);
    const child = context.withTimeout(60_000);
    expect(endsOnlyByDeadline(child)).toBe(false);
    const reasons: unknown[] = [];
    onEnd(child, (reason) => reasons.push(reason));
    onEnd(child, () => reasons.push("dropped")).cancel();
    cancel("gone");
    onEnd(child, (reason) => reasons.push(reason));
    await Promise.resolve();
    expect(reasons).toEqual(["gone", "gone"]);
  });

  it("never calls for a context that never ends", () => {
    expect(() => onEnd(background, () => undefined).cancel()).not.toThrow();
    expect(endsOnlyByDeadline(background.withSignal(new AbortController().signal))).toBe(false);
  });
});
