import { expect } from "vitest";
import type { ContractCase } from "./contract-cases.ts";
import type { RegistryHarness } from "./registry-contract.ts";
import { expectSet, instanceOf, registryCase } from "./registry-contract-case.ts";

const strange = [
  "../../outside",
  "/absolute",
  "a/b\\c",
  "nul\u0000byte",
  "Grüße 世界 🚀",
  "UPPER",
  "upper",
  ".hidden",
  "con",
  "50%",
  "x".repeat(300),
  "y".repeat(300),
];

/** What `register`, `deregister` and `list` promise. */
export const registrarCases: readonly ContractCase<RegistryHarness>[] = [
  registryCase("list() of a name nobody registered is empty", async ({ registry, signal }) => {
    expect(await registry.list("unknown", { signal })).toEqual([]);
  }),
  registryCase("register() makes the whole record known", async ({ registry, signal }) => {
    const instance = instanceOf("users", "1", {
      metadata: { weight: "10", "": "empty key", __proto__x: "y" },
    });
    await registry.register(instance, { signal });
    expectSet(await registry.list("users", { signal }), [instance]);
  }),
  registryCase(
    "register() takes an instance without version, metadata and endpoints",
    async ({ registry, signal }) => {
      const instance = instanceOf("users", "1", { version: "", metadata: {}, endpoints: [] });
      await registry.register(instance, { signal });
      expectSet(await registry.list("users", { signal }), [instance]);
    },
  ),
  registryCase("register() keeps several instances of one name", async ({ registry, signal }) => {
    const instances = [instanceOf("users", "1"), instanceOf("users", "2")];
    for (const instance of instances) await registry.register(instance, { signal });
    expectSet(await registry.list("users", { signal }), instances);
  }),
  registryCase("register() of the same id replaces the record", async ({ registry, signal }) => {
    await registry.register(instanceOf("users", "1"), { signal });
    const changed = instanceOf("users", "1", { version: "v2.0.0", metadata: {} });
    await registry.register(changed, { signal });
    expectSet(await registry.list("users", { signal }), [changed]);
  }),
  registryCase(
    "list() does not mix names, nor one with its prefix",
    async ({ registry, signal }) => {
      const users = instanceOf("users", "1");
      await registry.register(users, { signal });
      await registry.register(instanceOf("users-admin", "1"), { signal });
      await registry.register(instanceOf("orders", "1"), { signal });
      expectSet(await registry.list("users", { signal }), [users]);
      expect(await registry.list("user", { signal })).toEqual([]);
    },
  ),
  registryCase("register() takes any text as name", async ({ registry, signal }) => {
    for (const name of strange) await registry.register(instanceOf(name, "1"), { signal });
    for (const name of strange)
      expectSet(await registry.list(name, { signal }), [instanceOf(name, "1")]);
  }),
  registryCase("register() takes any text as id", async ({ registry, signal }) => {
    const instances = strange.map((id) => instanceOf("users", id));
    for (const instance of instances) await registry.register(instance, { signal });
    expectSet(await registry.list("users", { signal }), instances);
    for (const instance of instances) await registry.deregister(instance, { signal });
    expect(await registry.list("users", { signal })).toEqual([]);
  }),
  registryCase(
    "register() keeps what it was given, whatever the caller does to it later",
    async ({ registry, signal }) => {
      const endpoints = ["grpc://127.0.0.1:9000"];
      await registry.register(instanceOf("users", "1", { endpoints }), { signal });
      endpoints.push("grpc://127.0.0.1:9001");
      const [found] = await registry.list("users", { signal });
      expect(found?.endpoints).toEqual(["grpc://127.0.0.1:9000"]);
    },
  ),
  registryCase("deregister() takes out this instance only", async ({ registry, signal }) => {
    const [first, second] = [instanceOf("users", "1"), instanceOf("users", "2")];
    await registry.register(first, { signal });
    await registry.register(second, { signal });
    await registry.deregister(first, { signal });
    expectSet(await registry.list("users", { signal }), [second]);
  }),
  registryCase(
    "deregister() of an instance nobody registered is no error",
    async ({ registry, signal }) => {
      await registry.deregister(instanceOf("users", "1"), { signal });
      expect(await registry.list("users", { signal })).toEqual([]);
    },
  ),
  registryCase(
    "deregister() right after register() leaves nothing behind",
    async ({ registry, signal }) => {
      const instance = instanceOf("users", "1");
      await Promise.all([
        registry.register(instance, { signal }),
        registry.deregister(instance, { signal }),
      ]);
      expect(await registry.list("users", { signal })).toEqual([]);
    },
  ),
];
