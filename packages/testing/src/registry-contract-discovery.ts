import { expect } from "vitest";
import type { ContractCase } from "./contract-cases.ts";
import type { RegistryHarness } from "./registry-contract.ts";
import {
  expectSet,
  instanceOf,
  nextSet,
  registryCase,
  untilIds,
  watchOf,
} from "./registry-contract-case.ts";

/** What `watch` promises. */
export const discoveryCases: readonly ContractCase<RegistryHarness>[] = [
  registryCase(
    "watch() yields an empty set first when there is nothing",
    async ({ registry, signal }) => {
      const watch = watchOf(registry, { name: "users", signal });
      expect(await nextSet(watch)).toEqual([]);
    },
  ),
  registryCase("watch() yields the set that is there first", async ({ registry, signal }) => {
    const instances = [instanceOf("users", "1"), instanceOf("users", "2")];
    for (const instance of instances) await registry.register(instance, { signal });
    expectSet(await nextSet(watchOf(registry, { name: "users", signal })), instances);
  }),
  registryCase("watch() yields the full set after each change", async ({ registry, signal }) => {
    const [first, second] = [instanceOf("users", "1"), instanceOf("users", "2")];
    const watch = watchOf(registry, { name: "users", signal });
    await untilIds(watch, []);
    await registry.register(first, { signal });
    expectSet(await nextSet(watch), [first]);
    await registry.register(second, { signal });
    expectSet(await nextSet(watch), [first, second]);
    await registry.deregister(first, { signal });
    expectSet(await nextSet(watch), [second]);
    await registry.deregister(second, { signal });
    expectSet(await nextSet(watch), []);
  }),
  registryCase("watch() yields a record that was replaced", async ({ registry, signal }) => {
    await registry.register(instanceOf("users", "1"), { signal });
    const watch = watchOf(registry, { name: "users", signal });
    await untilIds(watch, ["1"]);
    const changed = instanceOf("users", "1", { metadata: { weight: "5" } });
    await registry.register(changed, { signal });
    expectSet(await nextSet(watch), [changed]);
  }),
  registryCase("watch() is not woken by other names", async ({ registry, signal }) => {
    const watch = watchOf(registry, { name: "users", signal });
    await untilIds(watch, []);
    const next = nextSet(watch);
    await registry.register(instanceOf("orders", "1"), { signal });
    await registry.register(instanceOf("users", "2"), { signal });
    expectSet(await next, [instanceOf("users", "2")]);
  }),
  registryCase("watch() tells a slow reader the newest set", async ({ registry, signal }) => {
    const watch = watchOf(registry, { name: "users", signal });
    await untilIds(watch, []);
    for (const id of ["1", "2", "3"]) await registry.register(instanceOf("users", id), { signal });
    await untilIds(watch, ["1", "2", "3"]);
  }),
  registryCase("watch() serves several readers of one name", async ({ registry, signal }) => {
    const readers = [
      watchOf(registry, { name: "users", signal }),
      watchOf(registry, { name: "users", signal }),
    ];
    for (const reader of readers) await untilIds(reader, []);
    await registry.register(instanceOf("users", "1"), { signal });
    for (const reader of readers) await untilIds(reader, ["1"]);
  }),
  registryCase("watch() ends at once when the signal aborts", async ({ registry, signal }) => {
    const controller = new AbortController();
    const watch = watchOf(registry, {
      name: "users",
      signal: AbortSignal.any([controller.signal, signal]),
    });
    await untilIds(watch, []);
    const next = watch.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  }),
  registryCase(
    "watch() ends without a set when the signal has aborted before",
    async ({ registry }) => {
      const watch = watchOf(registry, { name: "users", signal: AbortSignal.abort() });
      expect(await watch.next()).toEqual({ done: true, value: undefined });
    },
  ),
  registryCase("watch() can be left and begun anew", async ({ registry, signal }) => {
    await registry.register(instanceOf("users", "1"), { signal });
    for (let round = 0; round < 2; round += 1) {
      for await (const instances of registry.watch("users", { signal })) {
        expectSet(instances, [instanceOf("users", "1")]);
        break;
      }
    }
  }),
];
