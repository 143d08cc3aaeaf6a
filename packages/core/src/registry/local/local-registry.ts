/**
 * The registry that needs nothing installed: a folder with one file an instance.
 *
 * Several processes on one machine find each other by it, which is what development, tests and small
 * installations need. Each instance is `<directory>/<name>/<id>.json`, kept alive by a heartbeat (the
 * file's time of change) and by its process: one that was killed is out at the next look, one that
 * hangs after `ttlMs`. Across machines use an adapter for a real registry; the contract is the same.
 *
 * ```ts
 * const registry = localRegistry();
 * await registry.register(instance, { signal });
 * for await (const instances of registry.watch("helloworld", { signal })) console.log(instances);
 * ```
 */
import { type ServiceInstance, snapshotStream } from "../index.ts";
import type { LocalRegistry, LocalRegistryOptions } from "./local-registry-options.ts";
import { ownIdentity } from "./process-identity.ts";
import { RecordReader } from "./record-reader.ts";
import { Records } from "./records.ts";
import { RegistryFolder } from "./registry-folder.ts";
import { ServiceWatch } from "./service-watch.ts";

const defaults = { heartbeatIntervalMs: 1000, heartbeatsToDeath: 3 } as const;

/**
 * Makes a registry in a folder of this machine.
 *
 * Its timers do not keep the process alive. Sets are sorted by id; files that are no records are
 * passed over and counted.
 * @throws {RangeError} If an interval is not a positive number, or `ttlMs` is not longer than the heartbeat's.
 */
export function localRegistry(options: LocalRegistryOptions = {}): LocalRegistry {
  const intervalMs = positive(
    "heartbeatIntervalMs",
    options.heartbeatIntervalMs ?? defaults.heartbeatIntervalMs,
  );
  const ttlMs = positive("ttlMs", options.ttlMs ?? intervalMs * defaults.heartbeatsToDeath);
  if (ttlMs <= intervalMs) {
    throw new RangeError(
      `Cannot make a registry as 'ttlMs' must be longer than a heartbeat of ${intervalMs} ms: current value is ${ttlMs}`,
    );
  }
  const now = options.now ?? Date.now;
  const folder = new RegistryFolder(options.directory);
  const self = ownIdentity();
  const reader = new RecordReader(folder, { self, ttlMs, now });
  const records = new Records({ folder, self, intervalMs, now });
  return {
    directory: folder.path,
    stats: () => ({
      corruptFiles: reader.corruptFiles,
      failedHeartbeats: records.failedHeartbeats,
    }),
    register: (instance, { signal }) => records.add(instance, signal),
    deregister: (instance, { signal }) => records.remove(instance, signal),
    async list(name, { signal }) {
      signal.throwIfAborted();
      const instances = await reader.read(name);
      signal.throwIfAborted();
      return instances;
    },
    watch: (name, { signal }) =>
      snapshotStream<readonly ServiceInstance[]>(
        (sink) => {
          const watch = new ServiceWatch(sink, {
            folder: () => folder.makeService(name),
            read: () => reader.read(name),
            pollIntervalMs: intervalMs,
          });
          watch.start();
          return () => watch.stop();
        },
        { signal },
      ),
  };
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(
    `Cannot make a registry as '${name}' must be a positive number: current value is ${value}`,
  );
}
