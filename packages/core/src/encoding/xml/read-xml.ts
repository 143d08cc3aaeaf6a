import { XMLParser } from "fast-xml-parser";
import { DecodeError } from "../decode-error.ts";
import { decodeUtf8 } from "../utf8.ts";
import { unescapeXml } from "./xml-text.ts";

/** An element: its name without a prefix, its text, and the elements in it. Attributes are not kept. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Limits of what is read. */
export interface XmlLimits {
  readonly maxDepth: number;
  readonly maxElements: number;
}

/** One piece of what the parser makes: a single member, named after what it is. */
type Piece = Readonly<Record<string, unknown>>;

const textMember = "#text";
const cdataMember = "#cdata";
// No name of XML begins with it, so no element can be taken for a member of every object.
const mark = ".";

/**
 * Reads a document into its root element. What a document type declares is not read.
 * @throws DecodeError for what is no document, names an entity that XML does not have of itself, or is over a limit
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits): XmlElement {
  const text = decodeUtf8(bytes);
  checkSize(text, limits.maxElements);
  const elements = parse(text, limits.maxDepth).flatMap((piece) => elementOf(piece) ?? []);
  const [root] = elements;
  if (root === undefined || elements.length > 1) {
    throw new DecodeError(
      `invalid XML: a document has one root: current value is ${elements.length} elements`,
    );
  }
  return root;
}

// The parser takes microseconds an element, which a small one of four bytes should not cost the process.
function checkSize(text: string, maxElements: number): void {
  let tags = 0;
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at + 1)) {
    if (++tags > 2 * maxElements)
      throw new DecodeError(`invalid XML: it has more than ${maxElements} elements`);
  }
}

function parse(text: string, maxDepth: number): readonly Piece[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    cdataPropName: cdataMember,
    textNodeName: textMember,
    maxNestedTags: maxDepth,
    transformTagName: (name) => mark + name,
  });
  try {
    return parser.parse(text, true) as readonly Piece[]; // what it makes with `preserveOrder`
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DecodeError(`invalid XML: ${message.slice(0, maxMessageLength)}`, { cause: error });
  }
}

// The parser quotes what it did not understand, however long it is.
const maxMessageLength = 200;

function elementOf(piece: Piece): XmlElement | undefined {
  const [key] = Object.keys(piece);
  if (key === undefined || !key.startsWith(mark)) return undefined;
  let text = "";
  const children: XmlElement[] = [];
  for (const inner of piecesOf(piece[key])) {
    const child = elementOf(inner);
    if (child === undefined) text += textOf(inner);
    else children.push(child);
  }
  return { name: localName(key), text, children };
}

function textOf(piece: Piece): string {
  const plain = piece[textMember];
  if (typeof plain === "string") return unescapeXml(plain);
  return piecesOf(piece[cdataMember])
    .map((part) => part[textMember])
    .filter((part) => typeof part === "string")
    .join("");
}

function piecesOf(value: unknown): readonly Piece[] {
  return Array.isArray(value) ? value : [];
}

// The mark may stand more than once, and a prefix says only where a name is from.
function localName(key: string): string {
  return key.slice(Math.max(key.lastIndexOf(":") + 1, /^\.*/.exec(key)?.[0].length ?? 0));
}
