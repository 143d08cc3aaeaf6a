import { describe, expect, it, vi } from "vitest";
import { background } from "../../context/index.ts";
import { memoryLogger } from "../../log/index.ts";
import {
  type Discovery,
  type ServiceInstance,
  snapshotStream,
  type SnapshotSink,
} from "../../registry/index.ts";
import { memoryRegistry } from "../../registry/memory/index.ts";
import { fnv1a32, type Node, nodeFromInstance, type Selector, subset } from "../index.ts";
import { wrrSelector } from "../wrr/index.ts";
import { Resolver, type ResolverOptions } from "./index.ts";
import vectors from "./testdata/resolver.json" with { type: "json" };

interface Vector {
  readonly name: string;
  readonly input: {
    readonly kind: string;
    readonly insecure?: boolean;
    readonly subset?: number;
    readonly instances?: readonly Partial<ServiceInstance>[];
    readonly scheme?: string;
    readonly address?: string;
    readonly instance?: Partial<ServiceInstance> | null;
    readonly key?: string;
    readonly members?: readonly string[];
    readonly size?: number;
    readonly text?: string;
  };
  readonly expected: unknown;
}

/** Cases where we differ on purpose. */
const different: Readonly<Record<string, string>> = {
  "http keeps duplicates": "two records of one address are one address, over HTTP as over gRPC",
};

describe("Resolver, as Go does it", () => {
  // The file is a list of one shape; the compiler sees a union of each line's.
  for (const { name, input, expected } of vectors.cases as unknown as readonly Vector[]) {
    const reason = different[name];
    if (reason === undefined)
      it(name, async () => expect(await run(input)).toMatchObject(asExpected(expected)));
    else
      it(`${name} is different (${reason})`, async () =>
        expect(await run(input)).not.toEqual(expected));
  }
});

function asExpected(expected: unknown): object {
  return typeof expected === "object" && expected !== null ? expected : { value: expected };
}

async function run(input: Vector["input"]): Promise<unknown> {
  const { kind, scheme = "", address = "", key = "", members = [], size = 0, text = "" } = input;
  switch (kind) {
    case "subset":
      return subset(members, { key, size, textOf: (member) => member });
    case "fnv1a32":
      return { value: fnv1a32(text).toString(16).padStart(8, "0") };
    case "node": {
      const node = nodeFromInstance(
        { scheme, address },
        input.instance ? complete(input.instance) : undefined,
      );
      return { ...node, initialWeight: node.initialWeight ?? null };
    }
    default:
      return resolved(input);
  }
}

async function resolved({
  kind,
  insecure,
  subset: subsetSize = 25,
  instances = [],
}: Vector["input"]): Promise<unknown> {
  const { discovery, sink } = manualDiscovery();
  const { selector, applied } = recordingSelector();
  const { logger, records } = memoryLogger();
  const scheme = kind === "grpc" ? "grpc" : "http";
  const resolver = new Resolver("discovery:///svc", {
    selector,
    discovery,
    logger,
    subsetSize,
    scheme: insecure === true ? scheme : `${scheme}s`,
  });
  (await sink()).push(instances.map(complete));
  await vi.waitFor(() => expect(applied.length + records.length).toBe(1), { interval: 1 });
  resolver.close();
  const nodes = applied[0];
  return nodes === undefined
    ? { applied: false }
    : { applied: true, addresses: nodes.map((node) => node.address) };
}

function complete(instance: Partial<ServiceInstance>): ServiceInstance {
  return { id: "", name: "", version: "", metadata: {}, endpoints: [], ...instance };
}

/** A discovery whose watches the test feeds, one after the other. */
function manualDiscovery(): {
  readonly discovery: Discovery;
  readonly sink: () => Promise<SnapshotSink<readonly ServiceInstance[]>>;
  readonly stops: () => number;
} {
  const sinks: SnapshotSink<readonly ServiceInstance[]>[] = [];
  let stops = 0;
  return {
    discovery: {
      list: async () => [],
      watch: (_name, { signal }) =>
        snapshotStream<readonly ServiceInstance[]>(
          (sink) => {
            sinks.push(sink);
            return () => {
              stops += 1;
            };
          },
          { signal },
        ),
    },
    sink: () => vi.waitUntil(() => sinks.shift(), { interval: 1 }),
    stops: () => stops,
  };
}

function recordingSelector(): {
  readonly selector: Selector;
  readonly applied: (readonly Node[])[];
} {
  const applied: (readonly Node[])[] = [];
  const inner = wrrSelector();
  return {
    applied,
    selector: {
      apply: (nodes) => {
        applied.push(nodes);
        inner.apply(nodes);
      },
      select: (ctx, options) => inner.select(ctx, options),
    },
  };
}

function users(id: string): ServiceInstance {
  return complete({ id, name: "users", endpoints: [`grpc://127.0.0.1:900${id}`] });
}

function opened(options: Partial<ResolverOptions> = {}): {
  readonly resolver: Resolver;
  readonly manual: ReturnType<typeof manualDiscovery>;
  readonly recorded: ReturnType<typeof recordingSelector>;
  readonly log: ReturnType<typeof memoryLogger>;
} {
  const manual = manualDiscovery();
  const recorded = recordingSelector();
  const log = memoryLogger();
  const resolver = new Resolver("discovery:///users", {
    selector: recorded.selector,
    scheme: "grpc",
    discovery: manual.discovery,
    logger: log.logger,
    retryDelayMs: 1,
    ...options,
  });
  return { resolver, manual, recorded, log };
}

describe("Resolver", () => {
  it("gives a fixed target's nodes to the selector at once", async () => {
    const { selector, applied } = recordingSelector();
    const onNodes = vi.fn();
    const resolver = new Resolver("direct:///a:1,b:2", { selector, scheme: "grpc", onNodes });
    expect(resolver.isReady).toBe(true);
    await resolver.ready();
    expect(applied[0]?.map((node) => `${node.scheme} ${node.address}`)).toEqual([
      "grpc a:1",
      "grpc b:2",
    ]);
    expect(onNodes).toHaveBeenCalledWith(applied[0]);
  });

  it("follows a registry from the beginning to close()", async () => {
    const registry = memoryRegistry();
    const { signal } = new AbortController();
    await registry.register(users("1"), { signal });
    const { selector, applied } = recordingSelector();
    const resolver = new Resolver("discovery:///users", {
      selector,
      scheme: "grpc",
      discovery: registry,
    });
    await resolver.ready(signal);
    expect(selector.select(background).node.instance).toEqual(users("1"));
    await registry.register(users("2"), { signal });
    await vi.waitFor(() => expect(applied.at(-1)).toHaveLength(2), { interval: 1 });
    resolver.close();
    await registry.deregister(users("2"), { signal });
    expect(applied.at(-1)).toHaveLength(2);
  });

  it("refuses an update without a usable node, and says so", async () => {
    const { resolver, manual, recorded, log } = opened();
    const sink = await manual.sink();
    sink.push([users("1")]);
    await resolver.ready();
    sink.push([complete({ name: "users", id: "2", endpoints: ["http://127.0.0.1:8000"] })]);
    await vi.waitFor(() => expect(log.records).toHaveLength(1), { interval: 1 });
    expect(log.records[0]).toMatchObject({
      level: "warn",
      message:
        'discovery of "users": none of its 1 instances has an endpoint "grpc"; the nodes from before stay',
    });
    expect(recorded.applied).toHaveLength(1);
    resolver.close();
  });

  it("begins a watch anew that failed or ended, keeping the nodes", async () => {
    const { resolver, manual, recorded, log } = opened();
    const sink = await manual.sink();
    sink.push([users("1")]);
    sink.fail(new Error("the registry is gone"));
    const second = await manual.sink();
    expect(log.records[0]?.message).toContain("the registry is gone; the nodes from before stay");
    expect(recorded.selector.select(background).node.address).toBe("127.0.0.1:9001");
    second.push([users("2")]);
    await vi.waitFor(() => expect(recorded.applied).toHaveLength(2), { interval: 1 });
    resolver.close();
  });

  it("keeps its part of many instances when others come and go", async () => {
    const { resolver, manual, recorded } = opened({ subsetSize: 2, subsetKey: "client-1" });
    const sink = await manual.sink();
    const all = ["1", "2", "3", "4", "5"].map(users);
    sink.push(all);
    await resolver.ready();
    sink.push(all.toReversed());
    await vi.waitFor(() => expect(recorded.applied).toHaveLength(2), { interval: 1 });
    const [first, second] = recorded.applied.map((nodes) =>
      nodes.map((node) => node.address).toSorted(),
    );
    expect(first).toHaveLength(2);
    expect(second).toEqual(first);
    resolver.close();
  });

  it("ready() rejects with the last problem when the time is over", async () => {
    const { resolver, manual } = opened({ readyTimeoutMs: 10 });
    (await manual.sink()).push([]);
    await expect(resolver.ready()).rejects.toMatchObject({
      code: 503,
      reason: "no_available_node",
      message: 'no node of "discovery:///users": none of its 0 instances has an endpoint "grpc"',
    });
    resolver.close();
  });

  it("ready() says the same when the signal times out, but gives another reason back", async () => {
    const { resolver } = opened();
    const timeout = new DOMException("too late", "TimeoutError");
    await expect(resolver.ready(AbortSignal.abort(timeout))).rejects.toMatchObject({
      code: 503,
      cause: timeout,
    });
    const controller = new AbortController();
    const ready = resolver.ready(controller.signal);
    const left = new Error("left");
    controller.abort(left);
    await expect(ready).rejects.toBe(left);
    await expect(resolver.ready(controller.signal)).rejects.toBe(left);
    resolver.close();
  });

  it("close() stops the watch and those who wait", async () => {
    const { resolver, manual } = opened();
    await manual.sink();
    const ready = resolver.ready();
    resolver.close();
    await expect(ready).rejects.toThrow("the client was closed");
    await expect(resolver.ready()).rejects.toThrow("the client was closed");
    expect(manual.stops()).toBe(1);
    expect(resolver.isReady).toBe(false);
  });

  it("refuses misuse at construction", () => {
    const { selector } = recordingSelector();
    expect(() => new Resolver("discovery:///users", { selector, scheme: "grpc" })).toThrow(
      "needs the option 'discovery'",
    );
    expect(() => new Resolver("a:1", { selector, scheme: "grpc", subsetSize: -1 })).toThrow(
      RangeError,
    );
    expect(
      () => new Resolver("a:1", { selector, scheme: "grpc", readyTimeoutMs: Number.NaN }),
    ).toThrow("'readyTimeoutMs'");
  });
});
