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
  return new DecodeError(error instanceof Error ? error.message : String(error), { cause: error });
}
