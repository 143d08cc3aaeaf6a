/** What a hidden value is written as. */
export const masked = "***";

/** Says which members and values are hidden; made by `compileMask`. */
export interface Mask {
  /** Whether dotted paths are asked for: only then are they worth building. */
  readonly usesPaths: boolean;
  hidesKey(key: string, path: string): boolean;
  hidesValue(value: unknown): boolean;
}

/** Compiles key names (a leaf name anywhere, or a dotted path from the record's root) and whole values. */
export function compileMask(keys: readonly string[], values: readonly unknown[]): Mask | undefined {
  if (keys.length === 0 && values.length === 0) return undefined;
  const names = new Set(keys);
  const hidden = new Set(values);
  return {
    usesPaths: keys.some((key) => key.includes(".")),
    hidesKey: (key, path) => names.has(key) || names.has(path),
    hidesValue: (value) => hidden.has(value),
  };
}

/** Whether a value is a group of members: the name of a group hides nothing, its members' names do. */
export function isGroup(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
