import { DecodeError } from "../decode-error.ts";

// As Go writes them: quotes too, and white space that a parser would fold.
const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
  "\t": "&#x9;",
  "\n": "&#xA;",
  "\r": "&#xD;",
};

// What XML 1.0 has no place for, not even escaped.
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const special = /[&<>"'\u0000-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu;

/** Escapes text for an element; characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replaceAll(special, (character) => escapes[character] ?? "\ufffd");
}

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * Undoes the escapes of a text: the five entities XML has of itself and characters by number.
 * @throws DecodeError for any other
 */
export function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&([^;&]{0,10};?)/g, (_, found: string) => {
    const name = found.endsWith(";") ? found.slice(0, -1) : undefined;
    const character =
      name === undefined ? undefined : (entities.get(name) ?? characterByNumber(name));
    if (character !== undefined) return character;
    throw new DecodeError(`unknown XML entity: current value is ${JSON.stringify(`&${found}`)}`);
  });
}

function characterByNumber(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\da-fA-F]+)|(\d+))$/.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const isControl = code < 0x20 && code !== 9 && code !== 10 && code !== 13;
  return isControl || code === 0xfffe || code === 0xffff ? undefined : String.fromCodePoint(code);
}
