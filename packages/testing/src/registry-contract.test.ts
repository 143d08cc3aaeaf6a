import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Discovery, Registrar } from "@kratosjs/core/registry";
import { localRegistry } from "@kratosjs/core/registry/local";
import { memoryRegistry } from "@kratosjs/core/registry/memory";
import { describe, expect, it } from "vitest";
import { registryContract } from "./registry-contract.ts";

registryContract("memoryRegistry()", {
  open: async () => {
    const registry = memoryRegistry();
    const { signal } = new AbortController();
    return {
      registry,
      expire: (instance) => registry.deregister(instance, { signal }),
      close: async () => undefined,
    };
  },
  skip: {
    "register() survives an outage of the backend":
      "the memory of the process is there as long as the process",
  },
});

const timing = { heartbeatIntervalMs: 20, ttlMs: 5000 };

registryContract("localRegistry()", {
  open: async () => {
    const parent = await mkdtemp(join(tmpdir(), "registry-contract-"));
    const directory = join(parent, "records");
    const processes = separateProcesses(directory);
    return {
      registry: processes.registry,
      expire: async ({ name, id }) => processes.stopClock(`${name} ${id}`),
      outage: {
        begin: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
        end: async () => undefined,
      },
      close: async () => {
        await processes.close();
        await rename(directory, join(parent, "closed")).catch(() => undefined);
        await rm(parent, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  },
});

/** Each instance is registered by a registry of its own, as if by a process of its own, whose clock can be stopped. */
function separateProcesses(directory: string): {
  readonly registry: Registrar & Discovery;
  readonly stopClock: (key: string) => void;
  readonly close: () => Promise<void>;
} {
  const reader = localRegistry({ directory, ...timing });
  const stopped = new Set<string>();
  const publishers = new Map<string, Registrar>();
  const registered = new Map<string, () => Promise<void>>();
  const { signal } = new AbortController();
  const publisherOf = (key: string): Registrar => {
    const now = (): number => (stopped.has(key) ? 0 : Date.now());
    const publisher = publishers.get(key) ?? localRegistry({ directory, ...timing, now });
    publishers.set(key, publisher);
    return publisher;
  };
  return {
    registry: {
      register: (instance, options) => {
        const key = `${instance.name} ${instance.id}`;
        stopped.delete(key);
        registered.set(key, () => publisherOf(key).deregister(instance, { signal }));
        return publisherOf(key).register(instance, options);
      },
      deregister: (instance, options) =>
        publisherOf(`${instance.name} ${instance.id}`).deregister(instance, options),
      list: (name, options) => reader.list(name, options),
      watch: (name, options) => reader.watch(name, options),
    },
    stopClock: (key) => {
      stopped.add(key);
    },
    close: async () => {
      for (const deregister of registered.values()) await deregister();
    },
  };
}

describe("registryContract()", () => {
  const open = (): never => {
    throw new Error("not opened");
  };

  it("refuses a skip that matches no case", () => {
    expect(() => registryContract("x", { open, skip: { "no such case": "reason" } })).toThrow(
      /must have the case/,
    );
  });

  it("refuses a skip without a reason", () => {
    const skip = { "list() of a name nobody registered is empty": " " };
    expect(() => registryContract("x", { open, skip })).toThrow(/must have a reason/);
  });
});
