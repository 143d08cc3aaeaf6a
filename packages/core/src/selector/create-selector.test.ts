import { describe, expect, it } from "vitest";
import { background } from "../context/index.ts";
import {
  nodeFromInstance,
  type Node,
  peer,
  type Selector,
  setPeer,
  versionFilter,
  withPeer,
} from "./index.ts";
import { wrrSelector } from "./wrr/index.ts";

function node(
  address: string,
  change: { readonly id?: string; readonly version?: string } = {},
): Node {
  const { id = address, version = "v1" } = change;
  return nodeFromInstance(
    { scheme: "grpc", address },
    {
      id,
      name: "users",
      version,
      metadata: {},
      endpoints: [],
    },
  );
}

/** The addresses of the next picks, each ended as given. */
function picks(selector: Selector, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const { node: chosen, done } = selector.select(background);
    done({});
    return chosen.address;
  });
}

function clocked(...addresses: readonly string[]): {
  readonly selector: Selector;
  readonly advance: (ms: number) => void;
  readonly refuse: (address: string) => void;
  readonly select: () => string;
} {
  let now = 0;
  const selector = wrrSelector({ now: () => now });
  selector.apply(addresses.map((address) => node(address)));
  return {
    selector,
    advance: (ms) => {
      now += ms;
    },
    refuse: (address) => {
      const only = [(nodes: readonly Node[]) => nodes.filter((one) => one.address === address)];
      selector
        .select(background, { filters: only })
        .done({ error: new Error("refused"), unreachable: true });
    },
    // Not ended, so that it teaches nothing.
    select: () => selector.select(background).node.address,
  };
}

describe("createSelector()", () => {
  it("select() applies the filters in order", () => {
    const selector = wrrSelector();
    selector.apply([node("a:1"), node("b:1", { version: "v2" })]);
    const seen: number[] = [];
    const count = (nodes: readonly Node[]): readonly Node[] => {
      seen.push(nodes.length);
      return nodes;
    };
    expect(
      selector.select(background, { filters: [count, versionFilter("v2"), count] }).node.address,
    ).toBe("b:1");
    expect(seen).toEqual([2, 1]);
    const none = { filters: [versionFilter("v3")] };
    expect(() => selector.select(background, none)).toThrow(
      expect.objectContaining({ code: 503, reason: "no_available_node" }),
    );
  });

  it("select() puts the node into the context's peer", () => {
    const selector = wrrSelector();
    selector.apply([node("a:1")]);
    const ctx = withPeer(background);
    expect(peer(ctx)).toBeUndefined();
    selector.select(ctx.withTimeout(1000));
    expect(peer(ctx)?.address).toBe("a:1");
    setPeer(background, node("b:1"));
    expect(peer(background)).toBeUndefined();
  });

  it("apply() keeps one node of an address, and a copy of the list", () => {
    const selector = wrrSelector();
    const nodes = [node("a:1"), node("a:1", { id: "other" })];
    selector.apply(nodes);
    nodes.length = 0;
    expect(selector.select(background).node.instance?.id).toBe("a:1");
  });

  it("apply() takes over what the registry says anew", () => {
    const selector = wrrSelector();
    selector.apply([node("a:1")]);
    selector.apply([node("a:1", { version: "v2", id: "a:1" })]);
    expect(selector.select(background).node.version).toBe("v2");
  });

  it("passes over an unreachable address while another node is left", () => {
    const { selector, refuse } = clocked("a:1", "b:1");
    refuse("a:1");
    expect(picks(selector, 10)).toEqual(Array.from({ length: 10 }, () => "b:1"));
    selector.apply([node("a:1"), node("b:1"), node("c:1")]);
    expect(new Set(picks(selector, 10))).toEqual(new Set(["b:1", "c:1"]));
  });

  it("tries unreachable addresses when no other node is left", () => {
    const { refuse, select } = clocked("a:1", "b:1");
    refuse("a:1");
    refuse("b:1");
    expect(new Set([select(), select()])).toEqual(new Set(["a:1", "b:1"]));
  });

  it("tries an unreachable address again by one call, after 1 s, then 2 s, up to 30 s", () => {
    const { advance, refuse, select } = clocked("a:1", "b:1");
    refuse("a:1");
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      advance(pauseMs - 1);
      expect([select(), select(), select()]).not.toContain("a:1");
      advance(1);
      refuse("a:1");
    }
  });

  it("lets one call at a time try an address again", () => {
    const { selector, advance, refuse } = clocked("a:1", "b:1");
    refuse("a:1");
    advance(1000);
    const tried = Array.from({ length: 6 }, () => selector.select(background));
    const toA = tried.filter(({ node: chosen }) => chosen.address === "a:1");
    expect(toA).toHaveLength(1);
    toA[0]?.done({});
    expect(new Set(picks(selector, 4))).toEqual(new Set(["a:1", "b:1"]));
  });

  it("counts calls that fail together as one", () => {
    const { selector, advance, select } = clocked("a:1");
    const calls = Array.from({ length: 5 }, () => selector.select(background));
    for (const { done } of calls) done({ unreachable: true });
    selector.apply([node("a:1"), node("b:1")]);
    advance(999);
    expect([select(), select()]).toEqual(["b:1", "b:1"]);
    advance(1);
    expect([select(), select(), select()]).toContain("a:1");
  });

  it("takes an error that was answered as a sign of life, and one without an answer as none", () => {
    const { selector, advance, refuse, select } = clocked("a:1", "b:1");
    const tryA = (): ReturnType<Selector["select"]> => {
      for (;;) {
        const selection = selector.select(background);
        if (selection.node.address === "a:1") return selection;
      }
    };
    refuse("a:1");
    advance(1000);
    tryA().done({ error: new Error("reset") });
    expect([select(), select()]).not.toContain("a:1");
    advance(1000);
    tryA().done({ error: new Error("not found"), bytesReceived: true });
    expect([select(), select()]).toContain("a:1");
  });

  it("apply() forgets that an address was unreachable when another instance has it, or when it comes back", () => {
    const { selector, refuse } = clocked("a:1", "b:1");
    refuse("a:1");
    selector.apply([node("a:1", { id: "restarted" }), node("b:1")]);
    expect(picks(selector, 4)).toContain("a:1");
    refuse("a:1");
    selector.apply([node("b:1")]);
    selector.apply([node("a:1", { id: "restarted" }), node("b:1")]);
    expect(picks(selector, 4)).toContain("a:1");
  });

  it("ignores what a call to an instance that is gone has met", () => {
    const { selector } = clocked("a:1", "b:1");
    const { node: chosen, done } = selector.select(background);
    selector.apply([node("a:1", { id: "new a" }), node("b:1", { id: "new b" })]);
    done({ unreachable: true });
    expect(picks(selector, 4)).toContain(chosen.address);
  });

  it("done() counts once", () => {
    const { selector, select } = clocked("a:1", "b:1");
    const { done } = selector.select(background);
    done({});
    done({ unreachable: true });
    expect(new Set([select(), select(), select(), select()])).toEqual(new Set(["a:1", "b:1"]));
  });
});
