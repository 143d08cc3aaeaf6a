import type { CodecRegistry } from "../../encoding/index.ts";
import { type JsonCodecOptions, jsonCodec, protojsonCodec } from "../../encoding/json/index.ts";

/** How JSON is read and written; the names of its codecs are fixed. */
export type JsonOptions = Omit<JsonCodecOptions, "name">;

/** Answers codecs in which JSON, under both of its names, is as the options say. */
export function withJson(codecs: CodecRegistry, options: JsonOptions | undefined): CodecRegistry {
  if (options === undefined) return codecs;
  return codecs.with(jsonCodec({ ...options, name: "json" }), protojsonCodec(options));
}

/**
 * Which operations have a JSON of their own. A selector is an operation, or a prefix of operations when it
 * ends in `*`. The exact selector wins, else the longest prefix; what it does not say is as for the server.
 */
export class JsonRules {
  readonly #codecs: CodecRegistry;
  readonly #defaults: JsonOptions;
  readonly #rules: Map<string, CodecRegistry> = new Map();

  constructor(codecs: CodecRegistry, defaults: JsonOptions = {}) {
    this.#codecs = codecs;
    this.#defaults = defaults;
  }

  /** Adds the options of a selector, in place of those it had. */
  set(selector: string, options: JsonOptions): void {
    this.#rules.set(selector, withJson(this.#codecs, { ...this.#defaults, ...options }));
  }

  /** The codecs of an operation. */
  codecsOf(operation: string): CodecRegistry {
    const exact = this.#rules.get(operation);
    if (exact !== undefined) return exact;
    const [best] = [...this.#rules.keys()]
      .filter((selector) => isPrefixOf(selector, operation))
      .toSorted((left, right) => right.length - left.length);
    return (best === undefined ? undefined : this.#rules.get(best)) ?? this.#codecs;
  }
}

/** Whether a selector names an operation. */
export function selects(selector: string, operation: string): boolean {
  return selector === operation || isPrefixOf(selector, operation);
}

function isPrefixOf(selector: string, operation: string): boolean {
  return selector.endsWith("*") && operation.startsWith(selector.slice(0, -1));
}
