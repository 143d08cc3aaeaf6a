import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { dropFlushAtExit, flushAtExit } from "./flush-at-exit.ts";
import type { Sink } from "./sink.ts";

export interface BufferedSinkOptions {
  /** The file descriptor. It stays the caller's: nothing closes it. @default 2 */
  readonly fd?: number;
  /** Writes when so much has come together; 0 writes each line at once. @default 16384, and 0 on a terminal */
  readonly bufferBytes?: number;
  /** Writes at the latest after so many milliseconds. @default 100 */
  readonly flushIntervalMs?: number;
  /** Lines beyond it are dropped and counted while the reader does not read. @default 1048576 */
  readonly maxPendingBytes?: number;
  /** Writes bytes to a descriptor and answers how many were taken. @default node:fs writeSync */
  readonly write?: (fd: number, bytes: Uint8Array) => number;
}

export const bufferedSinkDefaults: Required<BufferedSinkOptions> = {
  fd: 2,
  bufferBytes: 16_384,
  flushIntervalMs: 100,
  maxPendingBytes: 1_048_576,
  write: (fd, bytes) => writeSync(fd, bytes),
};

// At exit nothing comes later: a slow reader gets half a second.
const exitAttempts = 50;
const exitPauseMs = 10;

// A pipe that is full now is read by somebody, probably soon.
const retryMs = 5;

const newline = 10;

/**
 * Collects lines and writes them in large pieces to a descriptor: when the buffer is full, after the
 * flush interval, when the process exits, and when `flush` is called. It never throws. A full pipe in
 * non-blocking mode is tried again later, and shortly waited for at exit; one in blocking mode makes the
 * write wait, as everywhere. What cannot be written is dropped, counted and later told in one line.
 * Once nobody reads any more (EPIPE), lines vanish.
 */
export class BufferedSink implements Sink {
  readonly isTTY: boolean;
  readonly #options: Required<BufferedSinkOptions>;
  /** Lines not yet encoded; their length in UTF-16 units stands in for bytes. */
  #text = "";
  /** What a full pipe has not taken yet. */
  #rest: Uint8Array = new Uint8Array(0);
  #dropped = 0;
  /** The count in the line about drops that is in `#rest`: told only once it is out. */
  #telling = 0;
  #isBroken = false;
  /** Whether the last byte written was none that ends a line. */
  #isTorn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: BufferedSinkOptions = {}) {
    const fd = options.fd ?? bufferedSinkDefaults.fd;
    this.isTTY = isatty(fd);
    const defaults = bufferedSinkDefaults;
    this.#options = {
      fd,
      bufferBytes: options.bufferBytes ?? (this.isTTY ? 0 : defaults.bufferBytes),
      flushIntervalMs: options.flushIntervalMs ?? defaults.flushIntervalMs,
      maxPendingBytes: options.maxPendingBytes ?? defaults.maxPendingBytes,
      write: options.write ?? defaults.write,
    };
    for (const name of ["bufferBytes", "flushIntervalMs", "maxPendingBytes"] as const) {
      const value = this.#options[name];
      if (Number.isFinite(value) && value >= 0) continue;
      throw new RangeError(
        `Cannot buffer a log as ${name} must be at least 0: current value is ${value}`,
      );
    }
  }

  /** How many lines were dropped and not yet told. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#isBroken) return;
    if (this.#text.length + this.#rest.length + line.length > this.#options.maxPendingBytes) {
      this.#dropped++;
      return;
    }
    this.#text += line;
    if (this.#rest.length > 0) return;
    if (this.#text.length >= this.#options.bufferBytes) this.flush();
    else this.#armTimer(this.#options.flushIntervalMs);
  }

  /** Writes what the descriptor takes now; what it does not take is tried again soon. */
  flush(): void {
    this.#disarmTimer();
    if (!this.#writePending()) this.#armTimer(retryMs);
  }

  /** Whether all is written or lost. */
  #writePending(): boolean {
    if (!this.#writeRest()) return false;
    if (this.#isBroken || (this.#text === "" && this.#dropped === 0)) return true;
    this.#telling = this.#dropped;
    this.#dropped = 0;
    // The rest of a torn line was lost: the next one begins on its own.
    const start = this.#isTorn ? "\n" : "";
    this.#rest = Buffer.from(start + this.#text + droppedLine(this.#telling));
    this.#text = "";
    return this.#writeRest();
  }

  #writeRest(): boolean {
    const { fd, write } = this.#options;
    try {
      while (this.#rest.length > 0) {
        const written = write(fd, this.#rest);
        if (!(written > 0)) return false;
        this.#isTorn = this.#rest[written - 1] !== newline;
        this.#rest = this.#rest.subarray(written);
      }
      this.#telling = 0;
    } catch (error) {
      if (codeOf(error) === "EAGAIN") return false;
      this.#lose(error);
    }
    return true;
  }

  #lose(error: unknown): void {
    // Neither the line about drops nor the newline that only ends a line is a lost line.
    const own = (this.#telling > 0 ? 1 : 0) + (this.#rest[0] === newline ? 1 : 0);
    this.#dropped += this.#telling + lineCount(this.#rest) - own;
    this.#telling = 0;
    this.#rest = new Uint8Array(0);
    // A full disk may have room again; a reader that went away does not come back.
    this.#isBroken = codeOf(error) !== "ENOSPC";
    if (this.#isBroken) this.#text = "";
  }

  #armTimer(delayMs: number): void {
    if (this.#timer !== undefined) return;
    if (!flushAtExit(this.#flushAtExit)) {
      this.#flushAtExit();
      return;
    }
    this.#timer = setTimeout(() => this.flush(), delayMs);
    this.#timer.unref();
  }

  #disarmTimer(): void {
    if (this.#timer === undefined) return;
    dropFlushAtExit(this.#flushAtExit);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #flushAtExit = (): void => {
    this.#disarmTimer();
    for (let attempt = 0; attempt < exitAttempts; attempt++) {
      if (this.#writePending()) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, exitPauseMs);
    }
    this.#isBroken = true;
  };
}

function droppedLine(count: number): string {
  if (count === 0) return "";
  return `{"time":"${new Date().toISOString()}","level":"WARN","msg":"log lines dropped","count":${count}}\n`;
}

function lineCount(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === newline) count++;
  return count;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
