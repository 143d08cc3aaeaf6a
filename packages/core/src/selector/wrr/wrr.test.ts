import { describe, expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { fromError } from "../../errors/index.ts";
import { createSelector, type Node, nodeFromInstance, versionFilter } from "../index.ts";
import { wrrBalancer, wrrSelector } from "./index.ts";
import vectors from "./testdata/selector-wrr.json" with { type: "json" };

interface Vector {
  readonly name: string;
  readonly input: {
    readonly steps: readonly {
      readonly nodes: readonly { readonly address: string; readonly weight: number }[];
      readonly picks: number;
    }[];
  };
  readonly expected: object;
}

function node({
  address,
  weight,
  version = "",
}: {
  readonly address: string;
  readonly weight: number;
  readonly version?: string;
}): Node {
  const metadata = { weight: String(weight) };
  return nodeFromInstance(
    { scheme: "grpc", address },
    {
      id: address,
      name: "users",
      version,
      metadata,
      endpoints: [],
    },
  );
}

describe("wrrSelector(), as Go does it", () => {
  // The file is a list of one shape; the compiler sees a union of each line's.
  for (const { name, input, expected } of vectors.cases as unknown as readonly Vector[]) {
    it(name, () => expect(run(input)).toMatchObject(expected));
  }
});

function run({ steps }: Vector["input"]): unknown {
  const balancer = wrrBalancer();
  const selector = createSelector({ balancer });
  const sequence: string[] = [];
  try {
    for (const { nodes, picks } of steps) {
      selector.apply(nodes.map((one) => node(one)));
      for (let pick = 0; pick < picks; pick += 1)
        sequence.push(selector.select(background).node.address);
    }
  } catch (error) {
    const { code, reason } = fromError(error);
    return { error: true, code, reason };
  }
  const counts: Record<string, number> = {};
  for (const address of sequence) counts[address] = (counts[address] ?? 0) + 1;
  return { sequence, counts, keysAfter: balancer.addresses.toSorted() };
}

describe("wrrSelector()", () => {
  it("gives every node its turn when calls with different filters take turns", () => {
    const selector = wrrSelector();
    selector.apply([
      node({ address: "a", weight: 1, version: "v1" }),
      node({ address: "b", weight: 1, version: "v1" }),
      node({ address: "c", weight: 1, version: "v2" }),
      node({ address: "d", weight: 1, version: "v2" }),
    ]);
    const picked = ["v1", "v2", "v1", "v2"].map(
      (version) => selector.select(background, { filters: [versionFilter(version)] }).node.address,
    );
    expect(picked).toEqual(["a", "c", "b", "d"]);
  });
});
