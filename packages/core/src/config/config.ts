import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { sleep } from "../context/index.ts";
import { ConfigKeyNotFoundError } from "./config-errors.ts";
import { createValue } from "./create-value.ts";
import { createDecoder, type Decoder } from "./decoder.ts";
import { followSource } from "./follow-source.ts";
import type { Merge } from "./merge-trees.ts";
import { type Observer, ObserverTable } from "./observer-table.ts";
import { resolveActualTypes, resolvePlaceholders, type Resolver } from "./resolve-placeholders.ts";
import type { KeyValue, Source } from "./source.ts";
import { type ConfigTree, emptyTree, lookUp } from "./tree.ts";
import { TreeBuilder } from "./tree-builder.ts";
import type { Value } from "./value.ts";

/** How a Config is made. */
export interface ConfigOptions {
  /** Read in this order; a later one overrides an earlier one. */
  readonly sources: readonly Source[];
  /** Turns documents into maps. @default {createDecoder()} */
  readonly decoder?: Decoder;
  /** Replaces the placeholders in a tree. @default {resolvePlaceholders} */
  readonly resolver?: Resolver;
  /** Whether a placeholder becomes a number or boolean where its text is one; not beside `resolver`. @default {false} */
  readonly resolveActualTypes?: boolean;
  /** Lays one document over the others. @default {mergeTrees} */
  readonly merge?: Merge;
  /** Is told what fails after `load`: a source, a document, an observer. @default {process.emitWarning} */
  readonly onError?: (error: unknown) => void;
  /** How long to wait before a source whose watching failed is watched again. @default {1000} */
  readonly watchRetryDelayMs?: number;
  /** How long `close` waits for a source to stop. @default {5000} */
  readonly closeTimeoutMs?: number;
}

const defaults = {
  resolveActualTypes: false,
  watchRetryDelayMs: 1000,
  closeTimeoutMs: 5000,
} satisfies Partial<ConfigOptions>;

/**
 * The configuration of a program: documents from several sources, merged, with placeholders resolved, and
 * kept up to date.
 *
 *     const config = new Config({ sources: [fileSource("./configs"), envSource({ prefixes: ["APP_"] })] });
 *     await config.load();
 *     const address = config.value("server.http.address").string();
 *
 * A reload is all or nothing: the new tree is in force as a whole before the first observer is called, and a
 * document that cannot be used leaves what it said before in force. Nothing here keeps the process alive.
 *
 * Ported from go-kratos/kratos config. Different on purpose: each reload starts from all documents, so
 * removed keys disappear and placeholders follow what they refer to; a changed type is a change.
 */
export class Config {
  readonly #sources: readonly Source[];
  readonly #builder: TreeBuilder;
  readonly #onError: (error: unknown) => void;
  readonly #times: { readonly watchRetryDelayMs: number; readonly closeTimeoutMs: number };
  readonly #values: Map<string, Value> = new Map();
  readonly #observers: ObserverTable = new ObserverTable();
  readonly #stop: AbortController = new AbortController();
  readonly #root: Value = createValue("", () => this.#tree);
  #tree: ConfigTree = emptyTree;
  #following: readonly Promise<void>[] | undefined;
  #closed: Promise<void> | undefined;

  /** @throws {TypeError} If a source is none, or both `resolver` and `resolveActualTypes` are given. */
  constructor(options: ConfigOptions) {
    this.#sources = checkSources(options.sources);
    this.#builder = new TreeBuilder({
      sourceCount: this.#sources.length,
      decoder: options.decoder ?? createDecoder(),
      merge: options.merge,
      resolver: chooseResolver(options),
    });
    this.#onError = options.onError ?? warn;
    this.#times = {
      watchRetryDelayMs: checkMs(
        "watchRetryDelayMs",
        options.watchRetryDelayMs ?? defaults.watchRetryDelayMs,
      ),
      closeTimeoutMs: checkMs("closeTimeoutMs", options.closeTimeoutMs ?? defaults.closeTimeoutMs),
    };
  }

  /**
   * Reads all sources and begins to watch them. A second call reads them again.
   * @throws {ConfigDecodeError} If a document cannot be decoded; the message names it.
   * @throws {ConfigResolveError} If placeholders refer in a circle.
   * @throws {Error} What a source throws. Nothing has changed then and nothing is watched.
   */
  async load(): Promise<void> {
    this.#checkOpen();
    const versions = this.#builder.versions();
    const sets: (readonly KeyValue[])[] = [];
    for (const source of this.#sources) sets.push(await source.load());
    this.#checkOpen();
    this.#replaceTree(this.#builder.replaceAll(sets, versions));
    this.#following ??= this.#sources.map((source, index) => this.#follow(source, index));
  }

  /** Answers the value at a path of keys joined by dots. Where there is nothing, its methods throw `ConfigKeyNotFoundError`. */
  value(path: string): Value {
    const known = this.#values.get(path);
    if (known !== undefined) return known;
    const value = createValue(path, this.#reader(path));
    // Paths that lead nowhere are not kept: they could be any number.
    if (value.load() !== undefined) this.#values.set(path, value);
    return value;
  }

  /** Reads the value at a path as a message. @throws {ConfigKeyNotFoundError} If there is none. */
  get<Desc extends DescMessage>(path: string, schema: Desc): MessageShape<Desc> {
    return this.value(path).scan(schema);
  }

  /**
   * Reads the whole tree as a message, by the rules of protobuf JSON; unknown fields are ignored.
   * @throws {ConfigValueError} If a field has a value it cannot take.
   */
  scan<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    return this.#root.scan(schema);
  }

  /** Hands the whole tree, frozen, to a function that checks and types it. */
  scanWith<T>(parse: (tree: unknown) => T): T {
    return this.#root.scanWith(parse);
  }

  /**
   * Calls the observer after each reload that changed what stands at exactly this path, or removed it.
   * A path can have several observers; each goes when what it was given is disposed of, and all at `close`.
   * @throws {ConfigKeyNotFoundError} If nothing stands there now.
   */
  watch(path: string, observer: Observer): Disposable {
    const value = this.value(path);
    if (value.load() === undefined) throw new ConfigKeyNotFoundError(path);
    return this.#observers.add(value, observer);
  }

  /**
   * Stops watching. Values keep answering what they answered last.
   * @throws {AggregateError} Of all errors, if sources failed to stop.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    this.#observers.clear();
    const { closeTimeoutMs } = this.#times;
    const done = new AbortController();
    const late = sleep(closeTimeoutMs, { signal: done.signal }).then(() => {
      throw new Error(
        `Cannot close a config source as it must stop within ${closeTimeoutMs} ms of its signal's abort`,
      );
    });
    late.catch(() => undefined);
    const results = await Promise.allSettled(
      (this.#following ?? []).map((loop) => Promise.race([loop, late])),
    );
    done.abort();
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason] : [],
    );
    if (errors.length > 0)
      throw new AggregateError(errors, `Cannot close ${errors.length} config sources`);
  }

  #follow(source: Source, index: number): Promise<void> {
    const loop = followSource(source, {
      signal: this.#stop.signal,
      retryDelayMs: this.#times.watchRetryDelayMs,
      onDocuments: (documents) => this.#update(index, documents),
      onError: (error) => this.#report(error),
    });
    loop.catch(() => undefined); // told by close()
    return loop;
  }

  #update(index: number, documents: readonly KeyValue[]): void {
    const { tree, errors } = this.#builder.update(index, documents);
    for (const error of errors) this.#report(error);
    if (tree !== undefined) this.#replaceTree(tree);
  }

  #replaceTree(after: ConfigTree): void {
    const before = this.#tree;
    this.#tree = after;
    this.#observers.notify({ before, after }, (error) => this.#report(error));
  }

  // Looks the path up once a tree.
  #reader(path: string): Value["load"] {
    const segments = path.split(".");
    let tree = this.#tree;
    let node = lookUp(tree, segments);
    return () => {
      if (tree !== this.#tree) {
        tree = this.#tree;
        node = lookUp(tree, segments);
      }
      return node;
    };
  }

  #report(error: unknown): void {
    try {
      this.#onError(error);
    } catch (failure) {
      warn(failure);
    }
  }

  #checkOpen(): void {
    if (this.#closed !== undefined)
      throw new TypeError("Cannot load as the config must be open: current value is closed");
  }
}

function checkSources(sources: readonly Source[]): readonly Source[] {
  for (const source of sources) {
    if (typeof source?.load === "function" && typeof source.watch === "function") continue;
    throw new TypeError(
      `Cannot make a config as a source must have load() and watch(): current value is a ${typeof source}`,
    );
  }
  return [...sources];
}

function chooseResolver(options: ConfigOptions): Resolver {
  if (options.resolver === undefined) {
    const isTyped = options.resolveActualTypes ?? defaults.resolveActualTypes;
    return isTyped ? resolveActualTypes : resolvePlaceholders;
  }
  if (options.resolveActualTypes === undefined) return options.resolver;
  throw new TypeError(
    `Cannot make a config as 'resolveActualTypes' must not stand beside 'resolver': current value is ${options.resolveActualTypes}`,
  );
}

const longestTimerMs = 2 ** 31 - 1;

function checkMs(name: string, value: number): number {
  if (value >= 0 && value <= longestTimerMs) return value;
  throw new RangeError(
    `Cannot make a config as '${name}' must be 0 to ${longestTimerMs}: current value is ${value}`,
  );
}

function warn(error: unknown): void {
  process.emitWarning(
    error instanceof Error ? error.message : String(error),
    "KratosConfigWarning",
  );
}
