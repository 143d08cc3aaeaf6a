import { rm } from "node:fs/promises";
import type { ServiceInstance } from "../index.ts";
import { Heartbeat } from "./heartbeat.ts";
import { hasEnded, type ProcessIdentity, sameProcess } from "./process-identity.ts";
import { readRecord } from "./read-record.ts";
import { RecordFile } from "./record-file.ts";
import type { RegistryFolder } from "./registry-folder.ts";

/** What the records of this process are kept with. */
export interface RecordsOptions {
  readonly folder: RegistryFolder;
  readonly self: ProcessIdentity;
  readonly intervalMs: number;
  readonly now: () => number;
}

/** The instances this process has registered, each with its heartbeat. Adding and removing happen one after the other. */
export class Records {
  readonly #options: RecordsOptions;
  readonly #heartbeats: Map<string, Heartbeat> = new Map();
  #last: Promise<void> = Promise.resolve();
  #failedHeartbeats = 0;

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  get failedHeartbeats(): number {
    return this.#failedHeartbeats;
  }

  add(instance: ServiceInstance, signal: AbortSignal): Promise<void> {
    // Copied now: what the caller does to its object later must not be written.
    const record = { instance: structuredClone({ ...instance }), process: this.#options.self };
    return this.#inTurn(signal, async () => {
      const path = this.#path(instance);
      await this.#stopHeartbeat(path);
      const file = new RecordFile(this.#options.folder, record, this.#options.now);
      await file.write();
      if (signal.aborted) {
        await rm(path, { force: true });
        throw signal.reason;
      }
      this.#startHeartbeat(path, file);
    });
  }

  remove(instance: ServiceInstance, signal: AbortSignal): Promise<void> {
    return this.#inTurn(signal, async () => {
      const path = this.#path(instance);
      const wasOurs = await this.#stopHeartbeat(path);
      if (wasOurs && (await this.#isTakenOver(path))) return;
      await rm(path, { force: true });
    });
  }

  /** Whether a living process has registered the same id since: its record stays. */
  async #isTakenOver(path: string): Promise<boolean> {
    const { self } = this.#options;
    const owner = (await readRecord(path))?.record?.process;
    return owner !== undefined && !sameProcess(owner, self) && !hasEnded(owner, self);
  }

  #startHeartbeat(path: string, file: RecordFile): void {
    const heartbeat = new Heartbeat(() => file.refresh(), {
      intervalMs: this.#options.intervalMs,
      onFailure: () => {
        this.#failedHeartbeats += 1;
      },
    });
    this.#heartbeats.set(path, heartbeat);
  }

  async #stopHeartbeat(path: string): Promise<boolean> {
    const heartbeat = this.#heartbeats.get(path);
    this.#heartbeats.delete(path);
    await heartbeat?.stop();
    return heartbeat !== undefined;
  }

  #path(instance: ServiceInstance): string {
    return this.#options.folder.instancePath(instance.name, instance.id);
  }

  #inTurn(signal: AbortSignal, change: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return change();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
