/** Where finished lines go. `process.stdout` is one, and so is `BufferedSink`. */
export interface Sink {
  /** Takes one line, which ends in a newline. */
  write(line: string): unknown;
  /** Hands on at once what was kept back; called after a record of level error or fatal. */
  flush?(): void;
  /** Whether a person reads along: decides the format "auto" and the colours. */
  readonly isTTY?: boolean;
}
