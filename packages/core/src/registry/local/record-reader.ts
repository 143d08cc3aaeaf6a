import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceInstance } from "../index.ts";
import { toFileName } from "./file-name.ts";
import { hasEnded, type ProcessIdentity } from "./process-identity.ts";
import { type FoundFile, readRecord } from "./read-record.ts";
import { isDraft } from "./record-file.ts";
import type { RegistryFolder } from "./registry-folder.ts";

/** How many times its `ttlMs` a dead record is left lying, for those who want to look at it. */
const keepFactor = 20;

/** What a reader judges by. */
export interface RecordReaderOptions {
  readonly self: ProcessIdentity;
  readonly ttlMs: number;
  readonly now: () => number;
}

/** Reads the living instances of a service from its folder, and clears away records long dead. */
export class RecordReader {
  readonly #folder: RegistryFolder;
  readonly #options: RecordReaderOptions;
  readonly #corrupt: Map<string, number> = new Map();

  constructor(folder: RegistryFolder, options: RecordReaderOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Files that were no records when their service was last read. */
  get corruptFiles(): number {
    let total = 0;
    for (const count of this.#corrupt.values()) total += count;
    return total;
  }

  /** Answers the living instances, sorted by id. */
  async read(name: string): Promise<readonly ServiceInstance[]> {
    const folder = await this.#folder.makeService(name);
    const instances: ServiceInstance[] = [];
    let corrupt = 0;
    // One after the other: hundreds of files at once would take the descriptors from the sockets.
    for (const file of await readdir(folder)) {
      const found =
        isRecord(file) || isDraft(file) ? await readRecord(join(folder, file)) : undefined;
      if (found === undefined) continue;
      const instance = instanceAt(found, { name, file });
      if (instance === undefined && isRecord(file)) corrupt += 1;
      if (instance !== undefined && this.#isAlive(found)) instances.push(instance);
      else if (instance !== undefined || isDraft(file))
        await this.#clear(join(folder, file), found);
    }
    if (corrupt === 0) this.#corrupt.delete(name);
    else this.#corrupt.set(name, corrupt);
    return instances.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #isAlive({ record, changedMs }: FoundFile): boolean {
    const { now, ttlMs, self } = this.#options;
    // A stamp from the future is a dead one as well: the clock was set back, and the living stamp anew.
    return (
      record !== undefined &&
      Math.abs(now() - changedMs) <= ttlMs &&
      !hasEnded(record.process, self)
    );
  }

  async #clear(path: string, { changedMs }: FoundFile): Promise<void> {
    if (this.#options.now() - changedMs <= this.#options.ttlMs * keepFactor) return;
    // Another reader may be faster; what cannot be removed is looked at again the next time.
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function isRecord(file: string): boolean {
  return file.endsWith(".json") && !file.startsWith(".");
}

/** The instance of a file that stands where it belongs: one that was moved or copied says nothing of this place. */
function instanceAt(
  { record }: FoundFile,
  place: { readonly name: string; readonly file: string },
): ServiceInstance | undefined {
  if (record?.instance.name !== place.name) return undefined;
  return `${toFileName(record.instance.id)}.json` === place.file ? record.instance : undefined;
}
