import { describe, expect, it, vi } from "vitest";
import { snapshotStream, type SnapshotSink } from "./index.ts";

function opened(signal: AbortSignal = new AbortController().signal): {
  readonly sink: () => SnapshotSink<number>;
  readonly stop: () => void;
  readonly stream: AsyncIterable<number>;
} {
  const stop = vi.fn();
  let sink: SnapshotSink<number> | undefined;
  const stream = snapshotStream<number>(
    (given) => {
      sink = given;
      return stop;
    },
    { signal },
  );
  return {
    stop,
    stream,
    sink: () => {
      if (sink === undefined) throw new Error("not started");
      return sink;
    },
  };
}

describe("snapshotStream()", () => {
  it("starts when it is first read", async () => {
    const { sink, stream } = opened();
    const iterator = stream[Symbol.asyncIterator]();
    expect(sink).toThrow("not started");
    const next = iterator.next();
    sink().push(1);
    expect(await next).toEqual({ done: false, value: 1 });
  });

  it("keeps the newest snapshot only", async () => {
    const { sink, stream } = opened();
    const iterator = stream[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const value of [1, 2, 3]) sink().push(value);
    expect(await first).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: false, value: 3 });
  });

  it("throws a failure after the snapshot before it, stops, and is over", async () => {
    const { sink, stream, stop } = opened();
    const iterator = stream[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const value of [1, 2]) sink().push(value);
    sink().fail(new Error("lost"));
    sink().push(3);
    await first;
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    await expect(iterator.next()).rejects.toThrow("lost");
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it("ends a waiting reader when the signal aborts, and drops what was not read", async () => {
    const controller = new AbortController();
    const { sink, stream, stop } = opened(controller.signal);
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    controller.abort();
    sink().push(1);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it("stops when the reader leaves, also while a read is waiting", async () => {
    const { stream, stop } = opened();
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it("stops a producer that failed while it started", async () => {
    const stop = vi.fn();
    const stream = snapshotStream<number>(
      (sink) => {
        sink.fail(new Error("refused"));
        return stop;
      },
      { signal: new AbortController().signal },
    );
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow("refused");
    expect(stop).toHaveBeenCalledTimes(1);
  });
});
