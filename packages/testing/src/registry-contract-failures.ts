import type { Discovery } from "@kratosjs/core/registry";
import { expect } from "vitest";
import type { ContractCase } from "./contract-cases.ts";
import type { RegistryHarness } from "./registry-contract.ts";
import { instanceOf, registryCase, untilIds, watchOf } from "./registry-contract-case.ts";

const gone = new Error("the caller left");

/** What holds when processes die, backends fail and callers leave. */
export const failureCases: readonly ContractCase<RegistryHarness>[] = [
  registryCase(
    "watch() drops an instance whose process has died",
    async ({ registry, signal, expire }) => {
      const [dying, living] = [instanceOf("users", "1"), instanceOf("users", "2")];
      await registry.register(dying, { signal });
      await registry.register(living, { signal });
      const watch = watchOf(registry, { name: "users", signal });
      await untilIds(watch, ["1", "2"]);
      await expire(dying);
      await untilIds(watch, ["2"]);
      expect(await registry.list("users", { signal })).toHaveLength(1);
    },
  ),
  registryCase(
    "register() brings an instance back that had died",
    async ({ registry, signal, expire }) => {
      const instance = instanceOf("users", "1");
      await registry.register(instance, { signal });
      const watch = watchOf(registry, { name: "users", signal });
      await untilIds(watch, ["1"]);
      await expire(instance);
      await untilIds(watch, []);
      await registry.register(instance, { signal });
      await untilIds(watch, ["1"]);
    },
  ),
  registryCase(
    "register() survives an outage of the backend",
    async ({ registry, signal, outage }) => {
      if (outage === undefined)
        throw new Error("The harness must offer an outage, or skip this case with the reason");
      await registry.register(instanceOf("users", "1"), { signal });
      await outage.begin();
      await outage.end();
      await untilRecovered(registry, signal);
    },
  ),
  registryCase(
    "register() rejects with the reason of a signal that has aborted",
    async ({ registry, signal }) => {
      const aborted = AbortSignal.abort(gone);
      await expect(registry.register(instanceOf("users", "1"), { signal: aborted })).rejects.toBe(
        gone,
      );
      expect(await registry.list("users", { signal })).toEqual([]);
    },
  ),
  registryCase(
    "register() that is aborted on its way either holds or leaves nothing",
    async ({ registry, signal }) => {
      const controller = new AbortController();
      const registered = registry
        .register(instanceOf("users", "1"), { signal: controller.signal })
        .then(
          () => 1,
          () => 0,
        );
      controller.abort(gone);
      expect(await registry.list("users", { signal })).toHaveLength(await registered);
    },
  ),
  registryCase(
    "deregister() and list() reject with the reason of a signal that has aborted",
    async ({ registry, signal }) => {
      const instance = instanceOf("users", "1");
      await registry.register(instance, { signal });
      const aborted = AbortSignal.abort(gone);
      await expect(registry.deregister(instance, { signal: aborted })).rejects.toBe(gone);
      await expect(registry.list("users", { signal: aborted })).rejects.toBe(gone);
      expect(await registry.list("users", { signal })).toHaveLength(1);
    },
  ),
];

/** As a client does it: a watch that fails is begun anew. */
async function untilRecovered(registry: Discovery, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await untilIds(watchOf(registry, { name: "users", signal }), ["1"]);
      return;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
