import {
  Composer,
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type ParseOptions,
  type SchemaOptions,
  visit,
  type YAMLMap,
} from "yaml";

/** What is wrong with a YAML text, without quoting it: it may hold secrets. */
export class YamlFault extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = "YamlFault";
    this.line = line;
  }
}

export interface ComposeYamlOptions extends ParseOptions, DocumentOptions, SchemaOptions {
  /** Levels a document may nest. @default {100} */
  readonly maxDepth?: number;
}

/**
 * Reads the one document of a YAML text.
 *
 * The `yaml` package's composer calls itself level by level, and a stack that overflows inside it can
 * end the process: the depth is checked on the tokens, before it sees them.
 * @throws {YamlFault} With the line, for a syntax error, a key that stands twice, a second document, too deep a nesting, or too many aliases.
 */
export function composeYaml(
  text: string,
  options: ComposeYamlOptions = {},
): Document.Parsed<ParsedNode> {
  const { maxDepth = 100, ...rest } = options;
  const lines = new LineCounter();
  lines.addNewLine(0);
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const parser = new Parser(lines.addNewLine);
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // A level of the document is at most three entries of the parser's stack.
    if (parser.stack.length > 3 * maxDepth + 10) {
      throw new YamlFault(`nested more than ${maxDepth} deep`, lineAt(parser.offset));
    }
  }
  tokens.push(...parser.end());
  // The composer looks for a key among all before it, which takes a large map minutes.
  const unchecked = { prettyErrors: false, logLevel: "error", ...rest, uniqueKeys: false } as const;
  const composer = new Composer(unchecked);
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined) throw new YamlFault("no document", 1);
  const [error] = document.errors;
  if (error !== undefined) throw new YamlFault(error.message, lineAt(error.pos[0]));
  if (second !== undefined) throw new YamlFault("a second document", lineAt(second.range[0]));
  const fault = faultOf(document);
  if (fault !== undefined) throw new YamlFault(fault.message, lineAt(fault.offset));
  return document;
}

interface Fault {
  readonly message: string;
  readonly offset: number;
}

// Each alias is looked for among all nodes: this many steps take about a second.
const maxAliasSteps = 5_000_000;

/** What is wrong with a document of a right syntax. */
function faultOf(document: Document.Parsed<ParsedNode>): Fault | undefined {
  let repeated: Fault | undefined;
  let nodes = 0;
  let aliases = 0;
  visit(document, {
    Node(_key, node) {
      nodes += 1;
      if (isAlias(node)) aliases += 1;
      if (isMap(node)) repeated ??= repeatedKey(node);
    },
  });
  if (repeated !== undefined) return repeated;
  return nodes * aliases > maxAliasSteps
    ? { message: "Excessive alias count", offset: 0 }
    : undefined;
}

function repeatedKey({ items }: YAMLMap): Fault | undefined {
  const known = new Set<unknown>();
  for (const { key } of items) {
    const value = isScalar(key) ? key.value : key;
    if (known.has(value)) {
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      return { message: "Map keys must be unique", offset };
    }
    known.add(value);
  }
  return undefined;
}
