import { formatOfKey, type KeyValue, type Source } from "../index.ts";

/** A document held in memory. */
export interface MemoryDocument {
  readonly key: string;
  readonly value: string | Uint8Array;
  /** @default the extension of the key */
  readonly format?: string;
}

/** What a memory source holds: documents, or a map that stands for one JSON document. */
export type MemoryContent = readonly MemoryDocument[] | Readonly<Record<string, unknown>>;

/** A source whose content the program sets. */
export interface MemorySource extends Source {
  /** Replaces all it holds and tells those who watch. @throws {TypeError} If a map is not JSON. */
  set(content: MemoryContent): void;
}

/** Makes a source that holds its documents in memory, for tests and for defaults in code. */
export function memorySource(initial: MemoryContent = {}): MemorySource {
  let documents = toDocuments(initial);
  const waiting = new Set<() => void>();
  return {
    set(content) {
      documents = toDocuments(content);
      for (const wake of waiting) wake();
    },
    async load() {
      return documents;
    },
    async *watch({ signal }) {
      let told: readonly KeyValue[] | undefined;
      while (!signal.aborted) {
        if (told !== documents) {
          told = documents;
          yield told;
        } else {
          await nextChange(waiting, signal);
        }
      }
    },
  };
}

function nextChange(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener("abort", wake);
  });
}

function toDocuments(content: MemoryContent): readonly KeyValue[] {
  if (!isList(content)) {
    return [toDocument({ key: "memory.json", value: JSON.stringify(content) })];
  }
  return content.map(toDocument);
}

function toDocument({ key, value, format }: MemoryDocument): KeyValue {
  return {
    key,
    value: typeof value === "string" ? new TextEncoder().encode(value) : value.slice(),
    format: format ?? formatOfKey(key),
  };
}

// Array.isArray does not narrow a readonly array.
function isList(content: MemoryContent): content is readonly MemoryDocument[] {
  return Array.isArray(content);
}
