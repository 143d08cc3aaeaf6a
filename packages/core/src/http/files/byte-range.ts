/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const oneRange = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/**
 * Reads a Range header for content of `size` bytes. Undefined where the content is to be sent whole: for several
 * ranges, other units, what is malformed, and empty content; "unsatisfiable" where it lies beyond the content.
 */
export function parseByteRange(
  text: string,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const found = oneRange.exec(text);
  if (found === null || size === 0) return undefined;
  const [, first = "", last = ""] = found;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) return "unsatisfiable";
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}
