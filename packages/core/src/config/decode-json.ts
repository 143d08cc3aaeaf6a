import { SyntaxFault } from "./config-errors.ts";
import { maxDepth } from "./tree.ts";

/**
 * Parses a JSON document; an empty one is null.
 * JSON.parse is not enough: it rounds integers beyond 2^53 (here they become bigint), takes any depth,
 * and its messages quote the document, which may hold secrets, instead of naming the line.
 * @throws {SyntaxFault} With the line.
 */
export function decodeJson(text: string): unknown {
  const reader: Reader = { text, at: 0 };
  if (nextCharacter(reader) === "") return null;
  const value = readValue(reader, 0);
  if (nextCharacter(reader) !== "") throw fault(reader, "text after the document");
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
}

const blank = /[ \t\r\n]*/y;
const stringToken =
  /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y; // oxlint-disable-line no-control-regex -- JSON forbids them
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordToken = /true|false|null/y;
const words: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const longestInteger = 20;

function readValue(reader: Reader, depth: number): unknown {
  const first = nextCharacter(reader);
  if (first === "{" || first === "[") {
    if (depth >= maxDepth) throw fault(reader, `nested more than ${maxDepth} deep`);
    reader.at++;
    return first === "{" ? readMap(reader, depth + 1) : readList(reader, depth + 1);
  }
  if (first === '"') return readString(reader);
  const word = words.get(take(reader, wordToken));
  return word === undefined ? readNumber(reader) : word;
}

function readMap(reader: Reader, depth: number): Map<string, unknown> {
  const map = new Map<string, unknown>();
  if (skip(reader, "}")) return map;
  do {
    if (nextCharacter(reader) !== '"') throw fault(reader, "a key in double quotes expected");
    const key = readString(reader);
    if (!skip(reader, ":")) throw fault(reader, "':' expected");
    map.set(key, readValue(reader, depth));
  } while (skip(reader, ","));
  if (!skip(reader, "}")) throw fault(reader, "',' or '}' expected");
  return map;
}

function readList(reader: Reader, depth: number): unknown[] {
  const list: unknown[] = [];
  if (skip(reader, "]")) return list;
  do {
    list.push(readValue(reader, depth));
  } while (skip(reader, ","));
  if (!skip(reader, "]")) throw fault(reader, "',' or ']' expected");
  return list;
}

function readString(reader: Reader): string {
  const token = take(reader, stringToken);
  if (token === "") throw fault(reader, "malformed string");
  // The token has been checked; JSON.parse knows the escapes.
  return token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
}

function readNumber(reader: Reader): number | bigint {
  const token = take(reader, numberToken);
  if (token === "") throw fault(reader, "a value expected");
  const value = Number(token);
  if (!Number.isFinite(value)) throw fault(reader, "number out of range");
  const isExact =
    Number.isSafeInteger(value) || /[.eE]/.test(token) || token.length > longestInteger;
  return isExact ? value : BigInt(token);
}

function nextCharacter(reader: Reader): string {
  take(reader, blank);
  return reader.text.charAt(reader.at);
}

function skip(reader: Reader, character: string): boolean {
  if (nextCharacter(reader) !== character) return false;
  reader.at++;
  return true;
}

function take(reader: Reader, token: RegExp): string {
  token.lastIndex = reader.at;
  const [match = ""] = token.exec(reader.text) ?? [];
  reader.at += match.length;
  return match;
}

function fault(reader: Reader, message: string): SyntaxFault {
  const before = reader.text.slice(0, reader.at).split("\n");
  return new SyntaxFault(`${message} at column ${(before.at(-1)?.length ?? 0) + 1}`, before.length);
}
