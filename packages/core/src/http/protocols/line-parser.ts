/** Reads lines from pieces of text as they arrive, cut anywhere; empty lines are dropped. */
export class LineParser {
  readonly #maxLength: number;
  #rest = "";

  /** `maxLength` is how many characters a line may have. */
  constructor({ maxLength }: { readonly maxLength: number }) {
    this.#maxLength = maxLength;
  }

  /**
   * Answers the lines that the text completes.
   * @throws {RangeError} If a line grows over the limit.
   */
  push(text: string): string[] {
    const lines = text.split("\n");
    lines[0] = this.#rest + (lines[0] ?? "");
    this.#rest = lines.pop() ?? "";
    const longest = Math.max(this.#rest.length, ...lines.map(({ length }) => length));
    if (longest > this.#maxLength) {
      throw new RangeError(
        `Cannot read a line as it must have at most ${this.#maxLength} characters: current value is ${longest}`,
      );
    }
    return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
  }
}
