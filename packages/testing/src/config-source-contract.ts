/**
 * The promises of a config `Source`, as tests. An adapter runs them in a test file of its own:
 *
 * ```ts
 * configSourceContract("etcdSource", {
 *   open: async (documents) => ({ source, replace: (next) => putAll(next), close: () => etcd.close() }),
 * });
 * ```
 */
import type { KeyValue, Source } from "@kratosjs/core/config";
import { Config } from "@kratosjs/core/config";
import { expect } from "vitest";
import { type ContractCase, runCases } from "./contract-cases.ts";

/** A document as the suite writes it. */
export interface ContractDocument {
  /** A file name with an extension; no two documents of a set have the same. */
  readonly key: string;
  readonly text: string;
}

/** A source over a backend of its own. */
export interface OpenConfigSource {
  readonly source: Source;
  /** Changes the backend, behind the source's back, so that it holds exactly these documents. */
  replace(documents: readonly ContractDocument[]): Promise<void>;
  /** Releases the backend. */
  close(): Promise<void>;
}

/** How the suite gets at sources of one kind. */
export interface ConfigSourceHarness {
  /** Opens a source over a backend that holds these documents. */
  open(documents: readonly ContractDocument[]): Promise<OpenConfigSource>;
  /** The key the source gives a document. @default the document's own */
  readonly keyOf?: (key: string) => string;
  /** Cases that cannot hold: the name of each and the reason. @default {{}} */
  readonly skip?: Readonly<Record<string, string>>;
  /** How long a change may take to be told. @default {5000} */
  readonly timeoutMs?: number;
}

/** Tests a source against the contract; call it in a test file. */
export function configSourceContract(name: string, harness: ConfigSourceHarness): void {
  const cases = Object.entries(promises).map(([title, run]): ContractCase<ConfigSourceHarness> => ({
    name: title,
    run: (opener) => runCase(opener, run),
  }));
  runCases(`${name} keeps the contract of a config source:`, { cases, harness });
}

interface Bench {
  readonly source: Source;
  readonly timeoutMs: number;
  replace(documents: readonly ContractDocument[]): Promise<void>;
  /** What the source should tell of these documents. */
  told(documents: readonly ContractDocument[]): readonly unknown[];
  /** Begins to watch; stopped at the end of the case. */
  watch(): Reader;
}

interface Reader {
  /** Resolves as soon as the source yields this set; earlier sets are passed over. */
  reaches(documents: readonly ContractDocument[]): Promise<void>;
  /** Aborts the watch and resolves when it has ended. */
  stop(): Promise<void>;
}

const one: ContractDocument = { key: "a.json", text: '{"name":"ada"}' };
const changed: ContractDocument = { key: "a.json", text: '{"name":"grace"}' };
const second: ContractDocument = { key: "b.yaml", text: "port: 8000\n" };
const unicode: ContractDocument = { key: "a.json", text: '{"name":"Zoë 🙂 \\u0000"}' };

const promises: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  async "load() answers key, format and bytes"({ source, told }) {
    expect(plain(await source.load())).toEqual(told([one]));
  },
  async "load() answers what the backend holds now"({ source, replace, told }) {
    await replace([changed]);
    expect(plain(await source.load())).toEqual(told([changed]));
  },
  async "load() answers all documents in the order of their keys"({ source, replace, told }) {
    await replace([second, one]);
    expect(plain(await source.load())).toEqual(told([one, second]));
  },
  async "load() keeps text beyond ASCII"({ source, replace, told }) {
    await replace([unicode]);
    expect(plain(await source.load())).toEqual(told([unicode]));
  },
  async "watch() yields the full set at once"({ watch }) {
    await watch().reaches([one]);
  },
  async "watch() yields the full set after a change"({ watch, replace }) {
    const reader = watch();
    await reader.reaches([one]);
    await replace([changed]);
    await reader.reaches([changed]);
    await replace([one]);
    await reader.reaches([one]);
  },
  async "watch() tells a change made between load() and watch()"({ source, watch, replace }) {
    await source.load();
    await replace([changed]);
    await watch().reaches([changed]);
  },
  async "watch() yields a document that was added beside the others"({ watch, replace }) {
    const reader = watch();
    await reader.reaches([one]);
    await replace([one, second]);
    await reader.reaches([one, second]);
  },
  async "watch() yields a set without the document that was removed"({ watch, replace }) {
    await replace([one, second]);
    const reader = watch();
    await reader.reaches([one, second]);
    await replace([second]);
    await reader.reaches([second]);
  },
  async "watch() comes to the newest set after many changes"({ watch, replace }) {
    const reader = watch();
    await reader.reaches([one]);
    for (let turn = 0; turn < 20; turn++)
      await replace([{ key: "a.json", text: `{"turn":${turn}}` }]);
    await replace([changed]);
    await reader.reaches([changed]);
  },
  async "watch() serves several readers, and one that stops leaves the others be"({
    watch,
    replace,
  }) {
    const [first, other] = [watch(), watch()];
    await Promise.all([first.reaches([one]), other.reaches([one])]);
    await first.stop();
    await replace([changed]);
    await other.reaches([changed]);
  },
  async "watch() ends when its signal aborts"({ watch }) {
    const reader = watch();
    await reader.reaches([one]);
    await reader.stop();
  },
  async "watch() ends when its signal has already aborted"({ watch }) {
    await watch().stop();
  },
  async "a Config over the source follows a change"({ source, replace, timeoutMs }) {
    const errors: unknown[] = [];
    const config = new Config({ sources: [source], onError: (error) => errors.push(error) });
    await config.load();
    try {
      expect(config.value("name").string()).toBe("ada");
      const isChanged = new Promise<string>((resolve) => {
        config.watch("name", (value) => resolve(value.string()));
      });
      await replace([changed]);
      expect(await within(isChanged, timeoutMs)).toBe("grace");
      expect(errors).toEqual([]);
    } finally {
      await config.close();
    }
  },
};

async function runCase(
  harness: ConfigSourceHarness,
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const timeoutMs = harness.timeoutMs ?? 5000;
  const keyOf = harness.keyOf ?? ((key: string) => key);
  const opened = await harness.open([one]);
  const readers: Reader[] = [];
  const told: Bench["told"] = (documents) =>
    documents.map(({ key, text }) => ({
      key: keyOf(key),
      format: key.slice(key.lastIndexOf(".") + 1),
      text,
    }));
  const watch = (): Reader => {
    const reader = createReader(opened.source, { timeoutMs, told });
    readers.push(reader);
    return reader;
  };
  try {
    await run({
      source: opened.source,
      timeoutMs,
      told,
      watch,
      replace: (documents) => opened.replace(documents),
    });
  } finally {
    await Promise.allSettled(readers.map((reader) => reader.stop()));
    await opened.close();
  }
}

function createReader(source: Source, options: { timeoutMs: number; told: Bench["told"] }): Reader {
  const { timeoutMs, told } = options;
  const stopping = new AbortController();
  const iterator = source.watch({ signal: stopping.signal })[Symbol.asyncIterator]();
  return {
    async reaches(documents) {
      const expected = told(documents);
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const next = await within(iterator.next(), Math.max(0, deadline - performance.now()));
        if (next.done === true) throw new Error("watch() ended before it yielded the set expected");
        if (isEqual(plain(next.value), expected)) return;
      }
    },
    async stop() {
      stopping.abort();
      for (;;) {
        const next = await within(iterator.next(), timeoutMs);
        if (next.done === true) return;
      }
    },
  };
}

function plain(documents: readonly KeyValue[]): readonly unknown[] {
  return documents.map(({ key, value, format }) => ({
    key,
    format,
    text: new TextDecoder().decode(value),
  }));
}

function isEqual(actual: readonly unknown[], expected: readonly unknown[]): boolean {
  return JSON.stringify(actual) === JSON.stringify(expected);
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
