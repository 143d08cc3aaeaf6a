const unitNs: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1000n],
  ["\u00b5s", 1000n],
  ["\u03bcs", 1000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
// The range of google.protobuf.Duration, which is wider than Go's.
const maxNs = 315_576_000_000n * 1_000_000_000n;
const longest = 128;
const part = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/**
 * Reads Go duration text, "1h30m" or "-1.5s", which proto JSON durations are a part of.
 * Answers nanoseconds; undefined for anything else, and beyond 10 000 years.
 */
export function parseDurationNs(text: string): bigint | undefined {
  if (text.length > longest) return undefined;
  const isNegative = text.startsWith("-");
  const body = isNegative || text.startsWith("+") ? text.slice(1) : text;
  if (body === "0") return 0n;
  if (body === "") return undefined;
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < body.length) {
    const [match, whole = "", fraction = "", unit = ""] = part.exec(body) ?? [];
    const scale = unitNs.get(unit);
    if (match === undefined || scale === undefined || whole + fraction === "") return undefined;
    total += BigInt(whole === "" ? "0" : whole) * scale;
    total += (BigInt(fraction === "" ? "0" : fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (total > maxNs) return undefined;
  return isNegative ? -total : total;
}
