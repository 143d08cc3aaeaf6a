import { checkLength } from "./check-length.ts";

/** An event of a stream. */
export interface SseEvent {
  /** "message" where the stream names none. */
  readonly name: string;
  readonly data: string;
  /** The last id the stream gave, "" for none. */
  readonly id: string;
}

/** Limits of what is parsed. */
export interface SseParserOptions {
  /** How many characters an event may have before it is complete. @default {4194304} */
  readonly maxEventLength?: number;
  /** How many characters a line may have. @default {1048576} */
  readonly maxLineLength?: number;
}

const defaults = {
  maxEventLength: 4 * 1024 * 1024,
  maxLineLength: 1024 * 1024,
} satisfies Required<SseParserOptions>;

/** Reads server-sent events from pieces of text as they arrive, cut anywhere. Lines may end in LF, CR or both. */
export class SseParser {
  readonly #maxEventLength: number;
  readonly #maxLineLength: number;
  #rest = "";
  #skipLineFeed = false;
  #name = "";
  #id = "";
  #data: string[] = [];
  #length = 0;

  constructor(options: SseParserOptions = {}) {
    this.#maxEventLength = options.maxEventLength ?? defaults.maxEventLength;
    this.#maxLineLength = options.maxLineLength ?? defaults.maxLineLength;
  }

  /**
   * Answers the events that the text completes.
   * @throws {RangeError} If an event or a line grows over its limit.
   */
  push(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    for (const line of this.#lines(text)) {
      this.#checkLength(line);
      this.#length += line.length;
      const event = line === "" ? this.#complete() : this.#field(line);
      if (event !== undefined) events.push(event);
    }
    this.#checkLength(this.#rest);
    return events;
  }

  #lines(text: string): string[] {
    if (text === "") return [];
    // The second half of a line end whose first half came before.
    const from = this.#skipLineFeed && text.startsWith("\n") ? 1 : 0;
    this.#skipLineFeed = text.endsWith("\r");
    const lines = text.slice(from).split(/\r\n|\n|\r/);
    lines[0] = this.#rest + (lines[0] ?? "");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  #field(line: string): undefined {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const from = line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1;
    const value = colon === -1 ? "" : line.slice(from);
    // All else is a comment, a retry time or a field to come: not ours.
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
  }

  #complete(): SseEvent | undefined {
    const event =
      this.#data.length === 0
        ? undefined
        : { name: this.#name || "message", data: this.#data.join("\n"), id: this.#id };
    this.#name = "";
    this.#data = [];
    this.#length = 0;
    return event;
  }

  #checkLength(line: string): void {
    checkLength("an event as a line", line.length, this.#maxLineLength);
    checkLength("an event as it", this.#length + line.length, this.#maxEventLength);
  }
}
