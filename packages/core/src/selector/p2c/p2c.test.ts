import { describe, expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { notFound, serviceUnavailable } from "../../errors/index.ts";
import { type Done, nodeFromInstance } from "../index.ts";
import { EwmaNode, ewmaNode, isNodeFailure, p2cBalancer, p2cSelector } from "./index.ts";
import vectors from "./testdata/selector-ewma.json" with { type: "json" };

interface Vector {
  readonly name: string;
  readonly input: {
    readonly events: readonly {
      readonly do: string;
      readonly at: string;
      readonly pick?: number;
      readonly failed?: boolean;
    }[];
  };
  readonly expected: {
    readonly results: readonly {
      readonly weight: number;
      readonly lagNs: string;
      readonly success: number;
      readonly inflight: number;
    }[];
  };
}

function ewma(now: () => number): EwmaNode {
  const node = ewmaNode({ now })(nodeFromInstance({ scheme: "grpc", address: "a:1" }), undefined);
  if (node instanceof EwmaNode) return node;
  throw new Error("not an EwmaNode");
}

describe("ewmaNode(), as Go does it", () => {
  // The file is a list of one shape; the compiler sees a union of each line's.
  for (const { name, input, expected } of vectors.cases as unknown as readonly Vector[]) {
    it(name, () => {
      const results = run(input);
      expect(results).toHaveLength(expected.results.length);
      for (const [index, { weight, lagNs, success, inflight }] of expected.results.entries()) {
        expect(results[index]?.statistics).toEqual({ lagNs: Number(lagNs), success, inflight });
        expect(Math.abs((results[index]?.weight ?? Number.NaN) - weight)).toBeLessThanOrEqual(
          weight * 1e-9,
        );
      }
    });
  }
});

function run({
  events,
}: Vector["input"]): readonly { readonly weight: number; readonly statistics: object }[] {
  let now = 0;
  const node = ewma(() => now);
  const picks: Done[] = [];
  const results: { weight: number; statistics: object }[] = [];
  for (const event of events) {
    now = Number(event.at) / 1e6;
    if (event.do === "pick") picks.push(node.pick());
    else if (event.do === "done")
      picks[event.pick ?? 0]?.(event.failed === true ? { error: serviceUnavailable("", "") } : {});
    else results.push({ weight: node.weight(), statistics: node.statistics() });
  }
  return results;
}

describe("ewmaNode()", () => {
  it("expects the lag of calls that hang, once most of those under way do", () => {
    let now = 1000;
    const node = ewma(() => now);
    node.pick()({});
    now += 10;
    const done = node.pick();
    now += 10;
    done({});
    const before = node.weight();
    node.pick();
    now += 1000;
    expect(node.weight()).toBeLessThan(before / 5);
  });

  it("has no more slots than calls, and goes on without", () => {
    const node = ewma(() => 0);
    const calls = Array.from({ length: 450 }, () => node.pick());
    expect(node.statistics().inflight).toBe(451);
    for (const done of calls) done({});
    expect(node.statistics().inflight).toBe(1);
  });

  it("keeps its statistics when the node list changes", () => {
    let now = 0;
    const selector = p2cSelector({ now: () => now });
    const nodes = ["a:1", "b:1"].map((address) => nodeFromInstance({ scheme: "grpc", address }));
    selector.apply(nodes);
    const slow = selector.select(background);
    const fast = selector.select(background);
    expect(fast.node.address).not.toBe(slow.node.address);
    now = 1;
    fast.done({});
    now = 500;
    slow.done({});
    selector.apply(nodes.map((node) => ({ ...node })));
    now = 600;
    const next = Array.from({ length: 5 }, () => {
      const { node, done } = selector.select(background);
      now += 1;
      done({});
      return node.address;
    });
    expect(new Set(next)).toEqual(new Set([fast.node.address]));
  });
});

describe("p2cBalancer()", () => {
  const weighing = (
    address: string,
    { weight, elapsedMs = 0 }: { readonly weight: number; readonly elapsedMs?: number },
  ) => ({
    raw: nodeFromInstance({ scheme: "grpc", address }),
    weight: () => weight,
    pick: () => () => undefined,
    pickElapsedMs: () => elapsedMs,
  });
  const drawing = (...numbers: readonly number[]): (() => number) => {
    const rest = [...numbers];
    return () => rest.shift() ?? 0;
  };

  it("takes a single node without a draw", () => {
    const random = (): number => {
      throw new Error("drawn");
    };
    const only = weighing("a", { weight: 1 });
    expect(p2cBalancer({ random }).pick([only], background)).toBe(only);
  });

  it.each([
    { draws: [0, 0], compared: ["a", "b"] },
    { draws: [0.99, 0], compared: ["c", "a"] },
    { draws: [0.5, 0.99], compared: ["b", "c"] },
    { draws: [0.5, 0], compared: ["b", "a"] },
  ])("compares the two different nodes drawn by $draws", ({ draws, compared }) => {
    const asked: string[] = [];
    const nodes = ["a", "b", "c"].map((address) => ({
      ...weighing(address, { weight: 1 }),
      weight: () => {
        asked.push(address);
        return 1;
      },
    }));
    const picked = p2cBalancer({ random: drawing(...draws) }).pick(nodes, background);
    expect(asked.toSorted()).toEqual(compared.toSorted());
    expect(picked.raw.address).toBe(compared[0]);
  });

  it("takes the heavier of the two", () => {
    const nodes = [weighing("a", { weight: 1 }), weighing("b", { weight: 2 })];
    expect(p2cBalancer({ random: drawing(0, 0) }).pick(nodes, background).raw.address).toBe("b");
    expect(p2cBalancer({ random: drawing(0.6, 0) }).pick(nodes, background).raw.address).toBe("b");
  });

  it("takes the lighter when it was not picked for more than 3 s", () => {
    const picked = (elapsedMs: number): string =>
      p2cBalancer({ random: drawing(0, 0) }).pick(
        [weighing("a", { weight: 2 }), weighing("b", { weight: 1, elapsedMs })],
        background,
      ).raw.address;
    expect(picked(3000)).toBe("a");
    expect(picked(3000.1)).toBe("b");
    expect(picked(Infinity)).toBe("b");
  });
});

describe("isNodeFailure()", () => {
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED", syscall: "connect" });

  it.each([
    serviceUnavailable("", ""),
    new DOMException("late", "TimeoutError"),
    new DOMException("gone", "AbortError"),
    refused,
    new TypeError("fetch failed", { cause: refused }),
    Object.assign(new Error("socket"), { code: "UND_ERR_SOCKET" }),
    Object.assign(new Error("unavailable"), { code: 14, details: "unavailable", metadata: {} }),
  ])("blames the node for %s", (error) => {
    expect(isNodeFailure(error)).toBe(true);
  });

  it.each([
    undefined,
    notFound("", ""),
    new Error("other"),
    Object.assign(new Error("bad"), { code: "ERR_INVALID_ARG_TYPE" }),
  ])("does not for %s", (error) => {
    expect(isNodeFailure(error)).toBe(false);
  });

  it("follows a circle of causes to its end", () => {
    const circle = new Error("circle");
    circle.cause = circle;
    expect(isNodeFailure(circle)).toBe(false);
  });
});
