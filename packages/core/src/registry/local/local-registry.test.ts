import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServiceInstance } from "../index.ts";
import { localRegistry, type LocalRegistryOptions } from "./index.ts";

const instance: ServiceInstance = {
  id: "1",
  name: "users",
  version: "v1",
  metadata: {},
  endpoints: ["grpc://127.0.0.1:9000"],
};
const patient = { heartbeatIntervalMs: 20, ttlMs: 60_000 };

let parent: string;
let controller: AbortController;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "local-registry-"));
  controller = new AbortController();
});

afterEach(async () => {
  controller.abort();
  await rm(parent, { recursive: true, force: true, maxRetries: 5 });
});

function opened(options: LocalRegistryOptions = {}): ReturnType<typeof localRegistry> {
  return localRegistry({ directory: join(parent, "records"), ...patient, ...options });
}

function fileOf(id: string): string {
  return join(parent, "records", "users", `${id}.json`);
}

/** A record of a process that runs, as that process would have written it. */
async function registeredByChild(id: string): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  const registry = opened();
  const { signal } = controller;
  await registry.register({ ...instance, id }, { signal });
  const text = await readFile(fileOf(id), "utf8");
  await registry.deregister({ ...instance, id }, { signal });
  const record = JSON.parse(text);
  record.process = { ...record.process, pid: child.pid, started: "" };
  await writeFile(fileOf(id), JSON.stringify(record));
  return child;
}

async function until(
  watch: AsyncIterable<readonly ServiceInstance[]>,
  ids: readonly string[],
): Promise<void> {
  for await (const set of watch) {
    if (JSON.stringify(set.map((one) => one.id)) === JSON.stringify(ids)) return;
  }
  throw new Error("the watch ended");
}

describe("localRegistry()", () => {
  it("drops an instance at the next look when its process was killed, long before its ttl", async () => {
    const { signal } = controller;
    const child = await registeredByChild("killed");
    const registry = opened();
    await registry.register(instance, { signal });
    await until(registry.watch("users", { signal }), ["1", "killed"]);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await until(registry.watch("users", { signal }), ["1"]);
    expect((await registry.list("users", { signal })).map(({ id }) => id)).toEqual(["1"]);
    await registry.deregister(instance, { signal });
  });

  it("drops an instance whose pid is another process's by now", async () => {
    if (!existsSync("/proc/self/stat")) return; // Only Linux tells when a process started.
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    const record = JSON.parse(await readFile(fileOf("1"), "utf8"));
    await registry.deregister(instance, { signal });
    await writeFile(
      fileOf("1"),
      JSON.stringify({ ...record, process: { ...record.process, started: "1" } }),
    );
    expect(await registry.list("users", { signal })).toEqual([]);
  });

  it("believes the heartbeat of a process whose pid means nothing here", async () => {
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    const record = JSON.parse(await readFile(fileOf("1"), "utf8"));
    await registry.deregister(instance, { signal });
    const foreign = { pid: 1_000_000_000, host: "another", started: "1" };
    await writeFile(fileOf("1"), JSON.stringify({ ...record, process: foreign }));
    expect(await registry.list("users", { signal })).toHaveLength(1);
  });

  it("drops an instance without a heartbeat for ttlMs, and one stamped in the future", async () => {
    const { signal } = controller;
    let now = Date.now();
    const registry = opened({ heartbeatIntervalMs: 30_000, ttlMs: 31_000, now: () => now });
    await registry.register(instance, { signal });
    const registeredAt = now;
    for (const [offsetMs, count] of [
      [30_999, 1],
      [31_002, 0],
      [-31_002, 0],
      [0, 1],
    ] as const) {
      now = registeredAt + offsetMs;
      expect(await registry.list("users", { signal })).toHaveLength(count);
    }
    await registry.deregister(instance, { signal });
  });

  it("removes files long dead, and drafts left by a crash, but nothing it does not know", async () => {
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    const text = await readFile(fileOf("1"), "utf8");
    const dead = fileOf("dead");
    const draft = join(parent, "records", "users", `.${crypto.randomUUID()}.tmp`);
    const foreign = join(parent, "records", "users", "notes.txt");
    await writeFile(dead, text.replace('"id":"1"', '"id":"dead"'));
    await writeFile(draft, "");
    await writeFile(foreign, "");
    for (const path of [dead, draft, foreign]) await utimes(path, 1, 1);
    expect(await registry.list("users", { signal })).toHaveLength(1);
    expect((await readdir(join(parent, "records", "users"))).toSorted()).toEqual([
      "1.json",
      "notes.txt",
    ]);
    await registry.deregister(instance, { signal });
  });

  it("passes over files that are no records, and counts them", async () => {
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    const text = await readFile(fileOf("1"), "utf8");
    await writeFile(fileOf("half"), text.slice(0, 40));
    await writeFile(fileOf("copied"), text);
    await writeFile(fileOf("empty"), "");
    await writeFile(fileOf("huge"), "");
    await truncate(fileOf("huge"), 1 << 30);
    await mkdir(fileOf("folder"));
    await symlink(fileOf("1"), fileOf("link"));
    await writeFile(
      fileOf("group"),
      text.replace(/"pid":\d+/, '"pid":-1').replace('"id":"1"', '"id":"group"'),
    );
    expect(await registry.list("users", { signal })).toHaveLength(1);
    expect(registry.stats()).toEqual({ corruptFiles: 7, failedHeartbeats: 0 });
    await rm(join(parent, "records", "users"), { recursive: true });
    await registry.list("users", { signal });
    expect(registry.stats().corruptFiles).toBe(0);
    await registry.deregister(instance, { signal });
  });

  it("reads a record whose metadata and endpoints are null", async () => {
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    const { process: owner } = JSON.parse(await readFile(fileOf("1"), "utf8"));
    await registry.deregister(instance, { signal });
    const record = {
      instance: { id: "1", name: "users", version: "", metadata: null, endpoints: null },
      process: owner,
    };
    await writeFile(fileOf("1"), JSON.stringify(record));
    expect(await registry.list("users", { signal })).toEqual([
      { ...instance, version: "", endpoints: [] },
    ]);
  });

  it.each(["file", "folder"])("writes the record again when its %s is removed", async (what) => {
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    const watch = registry.watch("users", { signal })[Symbol.asyncIterator]();
    await watch.next();
    await rm(what === "file" ? fileOf("1") : registry.directory, {
      recursive: true,
      force: true,
      maxRetries: 5,
    });
    await vi.waitFor(() => expect(existsSync(fileOf("1"))).toBe(true), {
      timeout: 10_000,
      interval: 5,
    });
    await until(registry.watch("users", { signal }), ["1"]);
    await registry.deregister(instance, { signal });
  });

  it("counts heartbeats that fail, and goes on", async () => {
    const { signal } = controller;
    const registry = opened();
    await registry.register(instance, { signal });
    await rm(registry.directory, { recursive: true, force: true, maxRetries: 5 });
    await writeFile(registry.directory, "in the way");
    await vi.waitFor(() => expect(registry.stats().failedHeartbeats).toBeGreaterThan(1), {
      timeout: 10_000,
      interval: 5,
    });
    await rm(registry.directory);
    await vi.waitFor(() => expect(existsSync(fileOf("1"))).toBe(true), {
      timeout: 10_000,
      interval: 5,
    });
    await registry.deregister(instance, { signal });
  });

  it("watch() fails when the folder cannot be read", async () => {
    await writeFile(join(parent, "records"), "in the way");
    const watch = opened().watch("users", { signal: controller.signal });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it("deregister() leaves the record of a living process that has taken the id over", async () => {
    const { signal } = controller;
    const child = await registeredByChild("1");
    const taken = await readFile(fileOf("1"), "utf8");
    const registry = opened();
    await registry.register(instance, { signal });
    await writeFile(fileOf("1"), taken);
    await registry.deregister(instance, { signal });
    expect(await readFile(fileOf("1"), "utf8")).toBe(taken);
    child.kill("SIGKILL");
  });

  it("keeps everything inside its folder", async () => {
    const { signal } = controller;
    const registry = opened();
    const hostile = { ...instance, name: "../../outside", id: "/../../../outside" };
    await registry.register(hostile, { signal });
    expect(await readdir(parent)).toEqual(["records"]);
    expect(await readdir(registry.directory)).toHaveLength(1);
    await registry.deregister(hostile, { signal });
  });

  it("refuses intervals that cannot work", () => {
    expect(() => localRegistry({ heartbeatIntervalMs: 0 })).toThrow(RangeError);
    expect(() => localRegistry({ ttlMs: Number.NaN })).toThrow("'ttlMs' must be a positive number");
    expect(() => localRegistry({ heartbeatIntervalMs: 50, ttlMs: 50 })).toThrow(
      "longer than a heartbeat of 50 ms",
    );
  });

  describe("without a directory", () => {
    afterEach(() => vi.unstubAllEnvs());

    it("keeps a folder of this user alone", async () => {
      vi.stubEnv("TMPDIR", parent);
      const registry = localRegistry(patient);
      await registry.register(instance, controller);
      expect(registry.directory.startsWith(join(parent, "kratos-registry-"))).toBe(true);
      expect((await lstat(registry.directory)).mode & 0o777).toBe(0o700);
      await chmod(registry.directory, 0o777);
      await registry.list("users", controller);
      expect((await lstat(registry.directory)).mode & 0o777).toBe(0o700);
      await registry.deregister(instance, controller);
    });

    it("refuses a link put in its place", async () => {
      vi.stubEnv("TMPDIR", parent);
      const registry = localRegistry(patient);
      await mkdir(join(parent, "elsewhere"));
      await symlink(join(parent, "elsewhere"), registry.directory);
      await expect(registry.register(instance, controller)).rejects.toThrow(
        "must be a folder and not a link",
      );
      await expect(registry.list("users", controller)).rejects.toThrow(
        "must be a folder and not a link",
      );
      expect(await readdir(join(parent, "elsewhere"))).toEqual([]);
    });
  });
});
