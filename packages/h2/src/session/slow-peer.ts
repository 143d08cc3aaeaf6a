import type { H2Error } from "../h2-error.ts";
import { late } from "./fault.ts";
import type { FrameWire } from "./frame-wire.ts";
import type { SessionConfig } from "./session-defaults.ts";

/** Finds a peer that sends its headers, or takes its answers, too slowly to be waited for. */
export class SlowPeer {
  readonly #wire: FrameWire;
  readonly #config: SessionConfig;
  #stuckSinceMs = Infinity;
  #progress = 0;
  #partialSinceMs = Infinity;
  #partialFrame = -1;

  constructor(wire: FrameWire, config: SessionConfig) {
    this.#wire = wire;
    this.#config = config;
  }

  find(nowMs: number): H2Error | undefined {
    const { assembling, assemblySinceMs } = this.#wire;
    const assemblyMs = assembling ? nowMs - assemblySinceMs : 0;
    if (this.#isTrickling(nowMs) || assemblyMs > this.#config.headersTimeoutMs)
      return late("slow headers", "enhanceYourCalm", "10.5");
    if (this.#isStuck(nowMs)) return late("a peer that does not read", "enhanceYourCalm", "10.5");
    return undefined;
  }

  /** One frame of headers has been on its way since `headersTimeoutMs`, as far as the looks tell. */
  #isTrickling(nowMs: number): boolean {
    const frame = this.#wire.partialHeaders;
    if (frame !== this.#partialFrame) {
      this.#partialFrame = frame;
      this.#partialSinceMs = frame < 0 ? Infinity : nowMs;
    }
    return nowMs - this.#partialSinceMs > this.#config.headersTimeoutMs;
  }

  /** Output waits and none of it has left since `writeTimeoutMs`. */
  #isStuck(nowMs: number): boolean {
    const { progress, pendingBytes } = this.#wire;
    if (pendingBytes === 0 || progress !== this.#progress) {
      this.#progress = progress;
      this.#stuckSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#stuckSinceMs > this.#config.writeTimeoutMs;
  }
}
