import type { Discovery, ServiceInstance } from "@kratosjs/core/registry";
import { expect } from "vitest";
import type { ContractCase } from "./contract-cases.ts";
import type { RegistryBackend, RegistryHarness } from "./registry-contract.ts";

/** What a case works with: an open backend, and a signal that ends with the case. */
export interface RegistryCase extends RegistryBackend {
  readonly signal: AbortSignal;
}

/** Makes a case that opens the backend, and closes it and all watches afterwards. */
export function registryCase(
  name: string,
  run: (given: RegistryCase) => Promise<void>,
): ContractCase<RegistryHarness> {
  return {
    name,
    run: async (harness) => {
      const backend = await harness.open();
      const controller = new AbortController();
      try {
        await run({ ...backend, signal: controller.signal });
      } finally {
        controller.abort();
        await backend.close();
      }
    },
  };
}

/** An instance with every member set. */
export function instanceOf(
  name: string,
  id: string,
  change: Partial<ServiceInstance> = {},
): ServiceInstance {
  return {
    id,
    name,
    version: "v1.0.0",
    metadata: { zone: "a" },
    endpoints: [
      `grpc://127.0.0.1:9000/${encodeURIComponent(id.slice(0, 8))}`,
      "http://127.0.0.1:8000",
    ],
    ...change,
  };
}

/** The next set of a watch. */
export async function nextSet(
  watch: AsyncIterator<readonly ServiceInstance[]>,
): Promise<readonly ServiceInstance[]> {
  const result = await watch.next();
  if (result.done === true) throw new Error("the watch ended");
  return result.value;
}

/** Reads a watch until the ids of its set are these; sets in between are allowed. */
export async function untilIds(
  watch: AsyncIterator<readonly ServiceInstance[]>,
  ids: readonly string[],
): Promise<void> {
  const wanted = ids.toSorted().join("\n");
  for (;;) {
    if (idsOf(await nextSet(watch)) === wanted) return;
  }
}

/** Begins to watch. */
export function watchOf(
  registry: Discovery,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): AsyncIterator<readonly ServiceInstance[]> {
  return registry.watch(name, { signal })[Symbol.asyncIterator]();
}

/** Expects exactly these records, in any order of instances and endpoints. */
export function expectSet(
  found: readonly ServiceInstance[],
  expected: readonly ServiceInstance[],
): void {
  expect(found.map(plain).toSorted()).toEqual(expected.map(plain).toSorted());
}

function plain(instance: ServiceInstance): string {
  const { id, name, version, metadata, endpoints } = instance;
  const entries = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ id, name, version, metadata: entries, endpoints: endpoints.toSorted() });
}

function idsOf(instances: readonly ServiceInstance[]): string {
  return instances
    .map((instance) => instance.id)
    .toSorted()
    .join("\n");
}
