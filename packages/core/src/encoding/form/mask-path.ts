/** Turns a path of a field mask into lowerCamelCase: underscores go, and a letter after one is upper case. */
export function toCamelPath(path: string): string {
  return path.replace(/_+([a-z]?)/g, (_underscores, letter: string) => letter.toUpperCase());
}

/** Turns a path of a field mask into snake_case. */
export function toSnakePath(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Writes a path in camel case where that reads back as the same path, else as it is: readers take both. */
export function toWirePath(path: string): string {
  const camel = toCamelPath(path);
  return toSnakePath(camel) === path ? camel : path;
}
