/** One document of a source. */
export interface KeyValue {
  /** What the source calls it: a file's base name, a variable's name, a path in a store. */
  readonly key: string;
  readonly value: Uint8Array;
  /** The decoder's name, `json` or `yaml`; empty for a bare text whose key is split at its dots. */
  readonly format: string;
}

/** Where configuration comes from. */
export interface Source {
  /** Answers all documents there are now, the later ones overriding the earlier. */
  load(): Promise<readonly KeyValue[]>;
  /**
   * Yields the full set of documents at once and again after each change; a set replaces the one before,
   * so a document that is missing from it is gone. A reader that is slow may miss sets, never the newest.
   * Ends when the signal aborts. Throws when watching fails; it is then called again after a while.
   * A source that cannot change yields nothing.
   */
  watch(options: { readonly signal: AbortSignal }): AsyncIterable<readonly KeyValue[]>;
}
