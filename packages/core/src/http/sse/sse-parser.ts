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
  #scanned = 0;
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
    this.#rest += text;
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      this.#checkLine(line.length);
      this.#length += line.length;
      const event = line === "" ? this.#complete() : this.#field(line);
      if (event !== undefined) events.push(event);
      this.#checkLength();
    }
    this.#checkLine(this.#rest.length);
    this.#checkLength();
    return events;
  }

  #nextLine(): string | undefined {
    if (this.#skipLineFeed && this.#rest !== "") {
      if (this.#rest.startsWith("\n")) this.#rest = this.#rest.slice(1);
      this.#skipLineFeed = false;
    }
    for (let at = this.#scanned; at < this.#rest.length; at += 1) {
      const char = this.#rest.charCodeAt(at);
      if (char !== lineFeed && char !== carriageReturn) continue;
      const line = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + 1);
      this.#scanned = 0;
      this.#skipLineFeed = char === carriageReturn;
      return line;
    }
    this.#scanned = this.#rest.length;
    return undefined;
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

  #checkLine(length: number): void {
    if (length > this.#maxLineLength) {
      throw new RangeError(
        `Cannot read an event as a line must have at most ${this.#maxLineLength} characters: current value is ${length}`,
      );
    }
  }

  #checkLength(): void {
    const length = this.#length + this.#rest.length;
    if (length > this.#maxEventLength) {
      throw new RangeError(
        `Cannot read an event as it must have at most ${this.#maxEventLength} characters: current value is ${length}`,
      );
    }
  }
}

const lineFeed = 10;
const carriageReturn = 13;
