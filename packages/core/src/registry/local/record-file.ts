import { randomUUID } from "node:crypto";
import { rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isSystemError } from "./is-system-error.ts";
import { encodeRecord, type LocalRecord } from "./record.ts";
import type { RegistryFolder } from "./registry-folder.ts";

const draft = /^\.[0-9a-f-]{36}\.tmp$/;

/** Whether this is the name of a file that was being written; one that stays was left by a crash. */
export function isDraft(file: string): boolean {
  return draft.test(file);
}

/** The file of one registered instance; its time of change is the last sign of life. */
export class RecordFile {
  readonly record: LocalRecord;
  readonly #folder: RegistryFolder;
  readonly #now: () => number;
  readonly #path: string;

  constructor(folder: RegistryFolder, record: LocalRecord, now: () => number) {
    this.record = record;
    this.#folder = folder;
    this.#now = now;
    this.#path = folder.instancePath(record.instance.name, record.instance.id);
  }

  /** Puts the whole file in place at once, so that nobody reads half of it. */
  async write(): Promise<void> {
    const service = await this.#folder.makeService(this.record.instance.name);
    const path = join(service, `.${randomUUID()}.tmp`);
    try {
      await writeFile(path, encodeRecord(this.record), { flag: "wx", mode: 0o600 });
      await this.#stamp(path);
      await rename(path, this.#path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Gives a sign of life; a file that has gone is written again. */
  async refresh(): Promise<void> {
    try {
      await this.#stamp(this.#path);
    } catch (error) {
      if (!isSystemError(error, "ENOENT", "ENOTDIR")) throw error;
      await this.write();
    }
  }

  async #stamp(path: string): Promise<void> {
    const seconds = this.#now() / 1000;
    await utimes(path, seconds, seconds);
  }
}
