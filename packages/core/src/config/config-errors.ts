/** Says that a path has no value, or null for its value. */
export class ConfigKeyNotFoundError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`key not found: "${path}"`);
    this.name = "ConfigKeyNotFoundError";
    this.path = path;
  }
}

/** Says that a value is not what was asked for. The message names its type and never its content, which may be secret. */
export class ConfigValueError extends Error {
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConfigValueError";
    this.path = path;
  }
}

/** Says which document could not be decoded, and the line where its parser knows it. */
export class ConfigDecodeError extends Error {
  readonly key: string;
  readonly format: string;
  /** Counted from 1. */
  readonly line: number | undefined;

  constructor(document: { readonly key: string; readonly format: string }, cause: unknown) {
    const line = lineOf(cause);
    const place = line === undefined ? "" : ` line ${line}`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Cannot decode config "${document.key}" (format "${document.format}")${place}: ${reason}`,
      { cause },
    );
    this.name = "ConfigDecodeError";
    this.key = document.key;
    this.format = document.format;
    this.line = line;
  }
}

/** Says that the placeholders of a tree cannot be resolved. */
export class ConfigResolveError extends Error {
  /** The paths that lead back to the first of them; empty when the fault is another one. */
  readonly cycle: readonly string[];

  constructor(message: string, cycle: readonly string[] = []) {
    super(message);
    this.name = "ConfigResolveError";
    this.cycle = cycle;
  }
}

/** What a parser of documents throws to have the line named. */
export class SyntaxFault extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = "SyntaxFault";
    this.line = line;
  }
}

function lineOf(cause: unknown): number | undefined {
  if (typeof cause !== "object" || cause === null || !("line" in cause)) return undefined;
  return typeof cause.line === "number" ? cause.line : undefined;
}
