import {
  Composer,
  type Document,
  type DocumentOptions,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type ParseOptions,
  type SchemaOptions,
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
 * @throws {YamlFault} With the line, for a syntax error, a second document, or too deep a nesting.
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
  const composer = new Composer({ prettyErrors: false, logLevel: "error", ...rest });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined) throw new YamlFault("no document", 1);
  const [error] = document.errors;
  if (error !== undefined) throw new YamlFault(error.message, lineAt(error.pos[0]));
  if (second !== undefined) throw new YamlFault("a second document", lineAt(second.range[0]));
  return document;
}
