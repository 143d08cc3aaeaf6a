import { createHash } from "node:crypto";

/** File systems take names of 255 bytes; this leaves room for an ending. */
const maxLength = 200;

// Windows takes these for devices, whatever ending follows.
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/**
 * Turns any text into the name of a file: two texts never share one, whatever the file system thinks
 * of case or of accents, and none leaves its folder. Lower-case letters, digits, "-", "_" and inner
 * dots stand for themselves; every other UTF-16 unit is "%" and four hexadecimal digits. What would be
 * too long is cut and ends in a hash.
 */
export function toFileName(text: string): string {
  if (text === "") return "%";
  const escaped = text.replace(/[^a-z0-9_.-]|^[.-]|\.$/g, escapeUnit);
  const name = reserved.test(escaped) ? escapeUnit(escaped.charAt(0)) + escaped.slice(1) : escaped;
  if (name.length <= maxLength) return name;
  const hash = createHash("sha256").update(Buffer.from(text, "utf16le")).digest("hex");
  return `${name.slice(0, maxLength - hash.length - 1)}~${hash}`;
}

function escapeUnit(unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
