import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { sameInstances, type ServiceInstance, type SnapshotSink } from "../index.ts";

/** How a service's folder is watched. */
export interface ServiceWatchOptions {
  /** Makes the folder if need be and answers its path. */
  readonly folder: () => Promise<string>;
  readonly read: () => Promise<readonly ServiceInstance[]>;
  readonly pollIntervalMs: number;
}

/**
 * Follows the living instances of one service. The system tells of files that come and go; those that
 * grow old, and processes that end, are seen by looking again at each interval.
 */
export class ServiceWatch {
  readonly #options: ServiceWatchOptions;
  readonly #sink: SnapshotSink<readonly ServiceInstance[]>;
  #watcher: FSWatcher | undefined;
  #watched: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;
  #isDirty = false;
  #stopped = false;

  constructor(sink: SnapshotSink<readonly ServiceInstance[]>, options: ServiceWatchOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  start(): void {
    this.#run().catch((error: unknown) => {
      this.stop();
      this.#sink.fail(error);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch();
    this.#look();
  }

  async #run(): Promise<void> {
    let last: readonly ServiceInstance[] | undefined;
    for (;;) {
      await this.#watchFolder();
      this.#isDirty = false;
      const instances = await this.#options.read();
      if (this.#stopped) return;
      if (last === undefined || !sameInstances(last, instances)) this.#sink.push(instances);
      last = instances;
      await this.#pause();
      if (this.#stopped) return;
    }
  }

  /** Watches the folder that is there now: somebody may have removed and made it again. */
  async #watchFolder(): Promise<void> {
    const path = await this.#options.folder();
    const { ino } = await stat(path);
    if (this.#stopped || (this.#watcher !== undefined && ino === this.#watched)) return;
    this.#unwatch();
    try {
      const watcher = watch(path, { persistent: false });
      this.#watcher = watcher;
      this.#watched = ino;
      // "change" is only somebody's heartbeat.
      watcher.on("change", (event) => event === "rename" && this.#look());
      watcher.on("error", () => this.#unwatch());
    } catch {
      // Systems limit how much can be watched; the interval remains.
      this.#unwatch();
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #look(): void {
    this.#isDirty = true;
    this.#wake?.();
  }

  #pause(): Promise<void> {
    if (this.#isDirty) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        clearTimeout(this.#timer);
        this.#wake = undefined;
        resolve();
      };
      this.#timer = setTimeout(this.#wake, this.#options.pollIntervalMs);
      this.#timer.unref();
    });
  }
}
