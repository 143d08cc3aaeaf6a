import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DeadlineQueue, type Expiring } from "./deadline-queue.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const expired: string[] = [];
const item = (name: string, inMs: number): Expiring => ({
  deadline: Date.now() + inMs,
  expire: () => void expired.push(name),
});

test("DeadlineQueue expires items in turn, each when its time has come, with one timer", () => {
  expired.length = 0;
  const queue = new DeadlineQueue();
  queue.add(item("a", 100));
  vi.advanceTimersByTime(50);
  queue.add(item("b", 100));
  queue.add(item("c", 100));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(49);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired).toEqual(["a"]);
  vi.advanceTimersByTime(50);
  expect(expired).toEqual(["a", "b", "c"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("DeadlineQueue forgets what is removed, wherever it stands and however often", () => {
  expired.length = 0;
  const queue = new DeadlineQueue();
  const places = ["a", "b", "c", "d"].map((name) => queue.add(item(name, 10)));
  for (const at of [0, 2, 3, 2]) places[at]?.remove();
  vi.advanceTimersByTime(10);
  expect(expired).toEqual(["b"]);
  places[1]?.remove();
  queue.add(item("e", 10));
  vi.advanceTimersByTime(10);
  expect(expired).toEqual(["b", "e"]);
});

test("DeadlineQueue goes on when an item that expires adds and removes others", () => {
  expired.length = 0;
  const queue = new DeadlineQueue();
  queue.add({
    deadline: Date.now() + 10,
    expire() {
      next.remove();
      queue.add(item("late", 10));
    },
  });
  const next = queue.add(item("removed", 10));
  vi.advanceTimersByTime(10);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(expired).toEqual(["late"]);
});
