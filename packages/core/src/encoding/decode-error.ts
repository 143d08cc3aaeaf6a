/** What a peer sent is not what it claims to be. The edges answer it with 400 and the reason CODEC. */
export class DecodeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DecodeError";
  }
}

/** Makes a DecodeError of whatever a parser threw, keeping its text and the parser's error as cause. */
export function toDecodeError(error: unknown): DecodeError {
  if (error instanceof DecodeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new DecodeError(shortened(text), { cause: error });
}

const longestText = 500;

// Parsers quote what they refuse, which may be as long as a whole body: the rule stands before it or behind.
function shortened(text: string): string {
  if (text.length <= longestText) return text;
  return `${text.slice(0, longestText - 100)}...${text.slice(-100)}`;
}
