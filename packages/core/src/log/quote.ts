// A terminal obeys control characters, also those from U+0080 to U+009F; the others here break a line
// or turn the direction of writing, so that a reader sees another text than was logged.
const unsafe =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const longestLoop = 64;

/** Writes text as a JSON string that is harmless on a terminal too. */
export function quote(text: string): string {
  if (text.length <= longestLoop && isPlain(text)) return `"${text}"`;
  return escapeUnsafe(JSON.stringify(text));
}

/** Writes text on one line without quotes; control characters are escaped as in JSON. */
export function escapeUnsafe(text: string): string {
  return text.replace(unsafe, escapeCharacter);
}

// Cheaper than JSON.stringify for the short words that most values are.
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
