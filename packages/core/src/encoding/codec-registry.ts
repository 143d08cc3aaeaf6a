import type { Codec } from "./codec.ts";
import { contentSubtype } from "./content-type.ts";

/** The codec that fits a header, and whether the header really named it. */
export interface CodecSelection {
  readonly codec: Codec;
  readonly found: boolean;
}

/** The codecs an edge speaks. Look-ups are exact: names in it are lower case. */
export interface CodecRegistry {
  readonly names: readonly string[];
  /** What is used where a header names no codec of this registry. */
  readonly fallback: Codec;
  get(name: string): Codec | undefined;
  /** The codec of one media type, by its subtype alone: `text/json; charset=utf-8` is json. */
  forContentType(contentType: string): Codec | undefined;
  /** The first header line that names a codec decides; a line is never split at its commas. */
  select(contentTypes: readonly string[]): CodecSelection;
  /** Answers a registry with these codecs as well; where names meet, the new ones hold. */
  with(...codecs: readonly Codec[]): CodecRegistry;
}

/** Settings of a codec registry. */
export interface CodecRegistryOptions {
  /** The name of the codec to fall back on; the first codec where the registry has no such name. @default {"json"} */
  readonly fallback?: string;
}

const defaults = { fallback: "json" } satisfies Required<CodecRegistryOptions>;

/**
 * Makes a registry; where two codecs have one name, the later one holds.
 * @throws TypeError for a codec without a name, or no codec at all
 */
export function createCodecRegistry(
  codecs: readonly Codec[],
  options: CodecRegistryOptions = {},
): CodecRegistry {
  const byName = new Map<string, Codec>();
  for (const codec of codecs) {
    if (typeof codec.name !== "string" || codec.name === "") {
      throw new TypeError(
        `Cannot register a codec as its name must not be empty: current value is ${JSON.stringify(codec.name)}`,
      );
    }
    byName.set(codec.name.toLowerCase(), codec);
  }
  const fallback =
    byName.get(options.fallback ?? defaults.fallback) ?? byName.values().next().value;
  if (fallback === undefined) {
    throw new TypeError(
      "Cannot make a codec registry as it must hold at least one codec: current value is []",
    );
  }
  const forContentType = (contentType: string): Codec | undefined =>
    byName.get(contentSubtype(contentType));
  return {
    names: [...byName.keys()],
    fallback,
    get: (name) => byName.get(name),
    forContentType,
    select(contentTypes) {
      for (const contentType of contentTypes) {
        const codec = forContentType(contentType);
        if (codec !== undefined) return { codec, found: true };
      }
      return { codec: fallback, found: false };
    },
    with: (...more) => createCodecRegistry([...byName.values(), ...more], options),
  };
}
