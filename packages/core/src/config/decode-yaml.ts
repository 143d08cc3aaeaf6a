import {
  Composer,
  Lexer,
  LineCounter,
  Parser,
  type ParsedNode,
  type Document,
  type ScalarTag,
} from "yaml";
import { SyntaxFault } from "./config-errors.ts";
import { maxDepth } from "./tree.ts";

/**
 * Parses one YAML document with the rules of Go's yaml.v3: only true and false are booleans, integers may
 * be hexadecimal, octal, binary and grouped by "_", merge keys are merged. Dates stay text.
 * @throws {SyntaxFault} With the line.
 */
export function decodeYaml(text: string): unknown {
  const lines = new LineCounter();
  const document = compose(text, lines);
  const [error] = document.errors;
  if (error !== undefined) throw new SyntaxFault(error.message, lines.linePos(error.pos[0]).line);
  // Maps, so that no key of the document can reach a prototype and no key loses its type unseen.
  return document.toJS({ mapAsMap: true, maxAliasCount });
}

const maxAliasCount = 1000;
// A level of the document is at most this many entries of the parser's stack.
const maxStack = 3 * maxDepth + 10;

function compose(text: string, lines: LineCounter): Document.Parsed<ParsedNode> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const composer = new Composer({
    merge: true,
    prettyErrors: false, // they quote the document, which may hold secrets
    logLevel: "error",
    customTags: (tags) => [integer, float, ...tags],
  });
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // The composer calls itself level by level, and a stack that overflows inside it can end the process.
    if (parser.stack.length > maxStack) {
      throw new SyntaxFault(`nested more than ${maxDepth} deep`, lines.linePos(parser.offset).line);
    }
  }
  tokens.push(...parser.end());
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined) throw new SyntaxFault("no document", 1);
  if (second !== undefined)
    throw new SyntaxFault("a second document", lines.linePos(second.range[0]).line);
  return document;
}

const integer: ScalarTag = {
  identify: () => false,
  default: true,
  tag: "tag:yaml.org,2002:int",
  test: /^[-+]?(?:0[xX][\da-fA-F_]*[\da-fA-F]_*|0[bB][01_]*[01]_*|0[oO]?[0-7_]*[0-7]_*|[1-9][\d_]*|0_*)$/,
  resolve: toInteger,
};

const float: ScalarTag = {
  identify: () => false,
  default: true,
  tag: "tag:yaml.org,2002:float",
  test: /^[-+]?(?:\.\d[\d_]*|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?\d+)?$/,
  resolve: toFloat,
};

const maxUint64 = 2n ** 64n - 1n;
const longestInteger = 80;

function toInteger(text: string): unknown {
  const plain = text.replaceAll("_", "").toLowerCase();
  const isNegative = plain.startsWith("-");
  const digits = plain.replace(/^[-+]/, "");
  if (digits.length > longestInteger) return toFloat(text);
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (magnitude > maxUint64) return Number(isNegative ? -magnitude : magnitude);
  return isNegative ? -magnitude : magnitude;
}

function toFloat(text: string): number {
  return Number(text.replaceAll("_", ""));
}
