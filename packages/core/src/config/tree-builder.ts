import { type Decoder, decodeDocument } from "./decoder.ts";
import { type Merge, mergeTrees } from "./merge-trees.ts";
import type { Resolver } from "./resolve-placeholders.ts";
import type { KeyValue } from "./source.ts";
import { type ConfigTree, emptyTree, toTree } from "./tree.ts";

/** What a TreeBuilder works with. */
export interface TreeBuilderOptions {
  readonly sourceCount: number;
  readonly decoder: Decoder;
  readonly merge: Merge | undefined;
  readonly resolver: Resolver;
}

/** What a set of documents came to: a new tree unless nothing changed, and the faults that were passed over. */
export interface Update {
  readonly tree: ConfigTree | undefined;
  readonly errors: readonly unknown[];
}

/**
 * Keeps the documents of all sources and makes the tree of them, afresh each time: what a document
 * no longer says is gone, and a later source stays above an earlier one whichever changed last.
 * A document that cannot be decoded counts as it was before; a set that cannot be merged or resolved waits.
 */
export class TreeBuilder {
  readonly #options: TreeBuilderOptions;
  readonly #slots: Slot[];

  constructor(options: TreeBuilderOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.sourceCount }, () => ({
      inForce: [],
      newest: [],
      version: 0,
    }));
  }

  /** Says how often each source has changed, for `replaceAll`. */
  versions(): readonly number[] {
    return this.#slots.map((slot) => slot.version);
  }

  /**
   * Takes the documents of all sources, except where a source has changed since `versions` were taken.
   * @throws {ConfigDecodeError} And others; nothing is taken then.
   */
  replaceAll(sets: readonly (readonly KeyValue[])[], versions: readonly number[]): ConfigTree {
    const decoded = this.#slots.map((slot, index) =>
      slot.version === versions[index] ? this.#decodeAll(sets[index] ?? []) : slot.newest,
    );
    const tree = this.#build(decoded);
    this.#slots.forEach((slot, index) => {
      slot.newest = slot.inForce = decoded[index] ?? [];
    });
    return tree;
  }

  /** Takes the documents of one source. */
  update(index: number, documents: readonly KeyValue[]): Update {
    const slot = this.#slots[index];
    if (slot === undefined) return { tree: undefined, errors: [] };
    const errors: unknown[] = [];
    const decoded = documents.map((document) =>
      this.#decodeLeniently(document, { before: slot.newest, errors }),
    );
    const isSame =
      decoded.length === slot.newest.length &&
      decoded.every((item, at) => item === slot.newest[at]);
    slot.version++;
    slot.newest = decoded;
    if (isSame) return { tree: undefined, errors };
    try {
      return { tree: this.#putInForce(slot), errors };
    } catch (error) {
      return { tree: undefined, errors: [...errors, error] };
    }
  }

  // The newest of another source may be what does not resolve; then this one alone is tried.
  #putInForce(changed: Slot): ConfigTree {
    const isWaiting = this.#slots.some((slot) => slot !== changed && slot.newest !== slot.inForce);
    try {
      const tree = this.#build(this.#slots.map((slot) => slot.newest));
      for (const slot of this.#slots) slot.inForce = slot.newest;
      return tree;
    } catch (error) {
      if (!isWaiting) throw error;
      const tree = this.#build(
        this.#slots.map((slot) => (slot === changed ? slot.newest : slot.inForce)),
      );
      changed.inForce = changed.newest;
      return tree;
    }
  }

  #build(sets: readonly (readonly Decoded[])[]): ConfigTree {
    const { merge, resolver } = this.#options;
    const layer: Merge =
      merge === undefined ? mergeTrees : (base, next) => toTree(merge(base, next));
    const raw = sets.flat().reduce((base, document) => layer(base, document.tree), emptyTree);
    return toTree(resolver(raw));
  }

  #decodeAll(documents: readonly KeyValue[]): readonly Decoded[] {
    return documents.map((document) => ({
      document,
      tree: decodeDocument(document, this.#options.decoder),
    }));
  }

  #decodeLeniently(
    document: KeyValue,
    work: { before: readonly Decoded[]; errors: unknown[] },
  ): Decoded {
    const old = work.before.find((other) => other.document.key === document.key);
    if (old !== undefined && isSameDocument(old.document, document)) return old;
    try {
      return { document, tree: decodeDocument(document, this.#options.decoder) };
    } catch (error) {
      work.errors.push(error);
      return { document, tree: old?.tree ?? emptyTree };
    }
  }
}

interface Slot {
  /** The documents the tree is made of. */
  inForce: readonly Decoded[];
  /** The documents the source told last. */
  newest: readonly Decoded[];
  version: number;
}

interface Decoded {
  readonly document: KeyValue;
  /** What the document says; what it said before, if it cannot be decoded. */
  readonly tree: ConfigTree;
}

function isSameDocument(one: KeyValue, other: KeyValue): boolean {
  return one.format === other.format && Buffer.compare(one.value, other.value) === 0;
}
