import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { ConfigNode } from "./tree.ts";

/**
 * What stands at a path of the configuration. It is live: after a reload it answers the new content, and
 * throws `ConfigKeyNotFoundError` from every method but `load` while there is none. Null counts as none.
 * Every method throws a `ConfigValueError` where the content is not what was asked for.
 */
export interface Value {
  readonly path: string;
  /** Answers a boolean; the numbers 1 and 0 and the texts 1, t, T, true, TRUE, True, 0, f, F, false, FALSE, False are ones too. */
  bool(): boolean;
  /**
   * Answers an integer; a fraction is cut off towards zero, a text must be decimal.
   * @throws {RangeError} If it is beyond 2^53 - 1; `int64` answers those.
   */
  int(): number;
  /**
   * Answers an integer of 64 bits, as `int` does.
   * @throws {RangeError} If it has more bits.
   */
  int64(): bigint;
  /** Answers a number; a text may be decimal, with an exponent, hexadecimal, inf or nan. */
  float(): number;
  /** Answers a text; numbers and booleans are written out. */
  string(): string;
  /**
   * Answers milliseconds. Reads Go and proto durations ("1h30m", "0.2s"), and numbers, with or
   * without quotes, as nanoseconds.
   */
  durationMs(): number;
  /** Answers the items of a list as they are now. */
  slice(): readonly Value[];
  /** Answers the entries of a map as they are now. */
  map(): ReadonlyMap<string, Value>;
  /** Reads it as protobuf JSON; fields the message does not have are ignored. */
  scan<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>;
  /** Hands it to a function that checks and types it, for example the `parse` of a schema library. Its errors pass through. */
  scanWith<T>(parse: (tree: unknown) => T): T;
  /** Answers it as it is, frozen; undefined when there is none. */
  load(): ConfigNode | undefined;
}
