import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { background } from "../context/index.ts";
import { fromError } from "../errors/index.ts";
import { directNode, fnv1a32, hashRing, nodeFromInstance, subset, versionFilter } from "./index.ts";
import nodeVectors from "./testdata/selector-node.json" with { type: "json" };
import subsetVectors from "./testdata/subset.json" with { type: "json" };
import { wrrSelector } from "./wrr/index.ts";

interface NodeVector {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly version?: string;
    readonly nodes?: readonly { readonly address: string; readonly version: string }[];
    readonly applied?: readonly never[] | null;
  };
  readonly expected: unknown;
}

interface SubsetVector {
  readonly name: string;
  readonly input: {
    readonly op?: string;
    readonly value?: string;
    readonly members?: readonly string[];
    readonly key?: string;
    readonly num?: number;
    readonly n?: number;
  };
  readonly expected: unknown;
}

function instance(change: object): Parameters<typeof nodeFromInstance>[1] {
  return { id: "1", name: "users", version: "", metadata: {}, endpoints: [], ...change };
}

describe("selector, as Go does it", () => {
  // The file is a list of one shape; the compiler sees a union of each line's.
  for (const { name, input, expected } of nodeVectors.cases as unknown as readonly NodeVector[]) {
    it(name, () => expect(runNode(input)).toEqual(expected));
  }
});

function runNode({
  op,
  metadata = {},
  version = "",
  nodes = [],
  applied,
}: NodeVector["input"]): unknown {
  if (op === "weight") {
    const node = nodeFromInstance({ scheme: "grpc", address: "a:1" }, instance({ metadata }));
    return {
      initial: node.initialWeight ?? null,
      effective: directNode()(node, undefined).weight(),
    };
  }
  if (op === "version") {
    const all = nodes.map((node) =>
      nodeFromInstance(
        { scheme: "grpc", address: node.address },
        instance({ version: node.version }),
      ),
    );
    return { addresses: versionFilter(version)(all, background).map((node) => node.address) };
  }
  const selector = wrrSelector();
  if (applied !== null) selector.apply(applied ?? []);
  try {
    return selector.select(background);
  } catch (error) {
    const { code, reason, message } = fromError(error);
    return { error: true, code, reason, message };
  }
}

describe("subset() and hashRing(), as Go does it", () => {
  for (const {
    name,
    input,
    expected,
  } of subsetVectors.cases as unknown as readonly SubsetVector[]) {
    it(name, () => expect(runSubset(input)).toEqual(expected));
  }
});

function runSubset({
  op,
  value = "",
  members = [],
  key = "",
  num = 0,
  n = 1,
}: SubsetVector["input"]): unknown {
  if (op === "fnv1a32") return fnv1a32(value);
  if (op === undefined)
    return { members: subset(members, { key, size: num, textOf: (member) => member }) };
  const found = hashRing(members, { replicas: 20, hash: (text) => crc32(text) }).members(key, n);
  return op === "ring20crc32" ? found[0] : found;
}

describe("subset()", () => {
  it("is everything for a size of 0 or less", () => {
    const members = ["a", "b"];
    expect(subset(members, { key: "k", size: 0, textOf: (member) => member })).toBe(members);
    expect(subset(members, { key: "k", size: -1, textOf: (member) => member })).toBe(members);
  });

  it("moves few clients when a member goes", () => {
    const members = Array.from({ length: 50 }, (_, index) => `svc-${index}`);
    const part = (all: readonly string[]): readonly string[] =>
      subset(all, { key: "client", size: 10, textOf: (member) => member });
    const before = part(members);
    const after = part(members.filter((member) => member !== before[3]));
    expect(after.filter((member) => before.includes(member))).toHaveLength(9);
  });
});

describe("hashRing()", () => {
  it("finds nobody when it is empty", () => {
    expect(hashRing([]).members("key", 3)).toEqual([]);
  });
});

describe("nodeFromInstance()", () => {
  it.each([
    ["+7", 7],
    ["1.5", undefined],
    ["1e3", undefined],
    ["99999999999999999999", undefined],
    ["", undefined],
  ])("reads the weight %o as %o", (weight, expected) => {
    expect(
      nodeFromInstance({ scheme: "grpc", address: "a:1" }, instance({ metadata: { weight } }))
        .initialWeight,
    ).toBe(expected);
  });
});
