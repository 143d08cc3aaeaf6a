import { checkLength } from "../sse/check-length.ts";

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
    for (const { length } of [...lines, this.#rest]) {
      checkLength("a line as it", length, this.#maxLength);
    }
    return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
  }
}
