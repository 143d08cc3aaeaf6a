import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A process of this package that says lines of a word and a value. */
export class Child {
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /** Runs a module with arguments. */
  constructor(module: URL, args: readonly string[] = []) {
    this.#process = spawn(process.execPath, [...process.execArgv, module.pathname, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /**
   * The value of the next line with this word.
   * @throws {Error} If the process ends without it.
   */
  async word(name: string): Promise<string> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done === true)
        throw new Error(`Cannot go on as the process must say "${name}": it ended`);
      const [word, ...rest] = value.split(" ");
      if (word === name) return rest.join(" ");
    }
  }

  /** Memory of the process in bytes, as the system counts it; 0 where it does not tell. */
  residentBytes(): number {
    try {
      return Number(readFileSync(`/proc/${this.#process.pid}/statm`, "utf8").split(" ")[1]) * 4096;
    } catch {
      return 0;
    }
  }

  /** Asks it to end. */
  stop(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}
