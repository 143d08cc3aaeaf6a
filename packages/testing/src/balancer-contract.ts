/**
 * The promises of a `Selector` whatever its balancer, as tests. A balancer runs them in a test file of its own:
 *
 * ```ts
 * balancerContract("p2cSelector()", { create: () => p2cSelector() });
 * ```
 */
import { background } from "@kratosjs/core/context";
import {
  type Node,
  nodeFromInstance,
  peer,
  type Selector,
  versionFilter,
  withPeer,
} from "@kratosjs/core/selector";
import { expect } from "vitest";
import { type ContractCase, runCases } from "./contract-cases.ts";

/** Makes the selector under test. */
export interface BalancerHarness {
  /** Called once a case; what it answers must share nothing with the others. */
  readonly create: () => Selector;
  /** Names of cases that cannot hold, each with its reason. @default {{}} */
  readonly skip?: Readonly<Record<string, string>>;
}

/** Tests a selector, and so its balancer, against the contract; call it in a test file. */
export function balancerContract(name: string, harness: BalancerHarness): void {
  runCases(name, { cases, harness });
}

/** Enough for chance to reach each of a few nodes: it misses one of five once in 10^96 runs. */
const manyCalls = 1000;

function nodes(...addresses: readonly string[]): readonly Node[] {
  return addresses.map((address) =>
    nodeFromInstance(
      { scheme: "grpc", address },
      {
        id: address,
        name: "users",
        version: `v-${address}`,
        metadata: {},
        endpoints: [],
      },
    ),
  );
}

function picked(selector: Selector, count: number): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (let call = 0; call < count; call += 1) {
    const { node, done } = selector.select(background);
    addresses.add(node.address);
    done({});
  }
  return addresses;
}

function balancerCase(
  name: string,
  run: (selector: Selector) => void,
): ContractCase<BalancerHarness> {
  return { name, run: async ({ create }) => run(create()) };
}

const noNode: unknown = expect.objectContaining({
  code: 503,
  reason: "no_available_node",
  message: "",
});

const cases: readonly ContractCase<BalancerHarness>[] = [
  balancerCase("select() throws 503 no_available_node before any node is known", (selector) => {
    expect(() => selector.select(background)).toThrow(noNode);
  }),
  balancerCase(
    "select() throws the same for an empty list and when the filters leave nobody",
    (selector) => {
      selector.apply(nodes("a:1"));
      expect(() => selector.select(background, { filters: [versionFilter("v9")] })).toThrow(noNode);
      selector.apply([]);
      expect(() => selector.select(background)).toThrow(noNode);
    },
  ),
  balancerCase("select() takes the only node", (selector) => {
    selector.apply(nodes("a:1"));
    expect(picked(selector, 10)).toEqual(new Set(["a:1"]));
  }),
  balancerCase("select() reaches every node in the end, and no other", (selector) => {
    selector.apply(nodes("a:1", "b:1", "c:1", "d:1", "e:1"));
    expect(picked(selector, manyCalls)).toEqual(new Set(["a:1", "b:1", "c:1", "d:1", "e:1"]));
  }),
  balancerCase("select() keeps to the filters", (selector) => {
    selector.apply(nodes("a:1", "b:1", "c:1"));
    for (let call = 0; call < 20; call += 1) {
      const { node, done } = selector.select(background, { filters: [versionFilter("v-b:1")] });
      expect(node.address).toBe("b:1");
      done({});
    }
  }),
  balancerCase(
    "select() answers the node as it was applied, and puts it into the peer",
    (selector) => {
      const [node] = nodes("a:1");
      selector.apply(node === undefined ? [] : [node]);
      const ctx = withPeer(background);
      expect(selector.select(ctx).node).toBe(node);
      expect(peer(ctx)).toBe(node);
    },
  ),
  balancerCase("apply() brings nodes in and takes nodes out", (selector) => {
    selector.apply(nodes("a:1", "b:1"));
    picked(selector, 10);
    selector.apply(nodes("b:1", "c:1"));
    expect(picked(selector, manyCalls)).toEqual(new Set(["b:1", "c:1"]));
  }),
  balancerCase(
    "select() passes over an address that was unreachable, while others are left",
    (selector) => {
      selector.apply(nodes("a:1", "b:1", "c:1"));
      const { node, done } = selector.select(background);
      done({ error: new Error("refused"), unreachable: true });
      expect(picked(selector, 50)).not.toContain(node.address);
    },
  ),
  balancerCase(
    "select() takes calls that never end, and ends that come late or twice",
    (selector) => {
      selector.apply(nodes("a:1", "b:1"));
      const calls = Array.from({ length: manyCalls }, () => selector.select(background));
      selector.apply(nodes("c:1"));
      for (const { done } of calls.slice(0, manyCalls / 2)) {
        done({ error: new Error("failed") });
        done({});
      }
      expect(picked(selector, 10)).toEqual(new Set(["c:1"]));
    },
  ),
];
