/**
 * How busy the CPU has been lately, as limiters want to know it: an average that
 * does not jump: it has followed half of a change after seven seconds.
 *
 *     const cpu = new CpuSampler();
 *     new BbrLimiter({ cpu: () => cpu.usageRatio() });
 *
 * After go-kratos/aegis ratelimit/bbr. Different on purpose: there is no timer. Whoever asks takes the sample that
 * is due, and makes up for those missed; so nothing needs to be stopped and an idle process stays idle.
 */
import type { CpuSource } from "./cpu-source.ts";
import { defaultCpuSource } from "./default-cpu-source.ts";

export interface CpuSamplerOptions {
  /** Measures. @default {defaultCpuSource()}, made when the usage is first asked for */
  readonly source?: CpuSource;
  /** Milliseconds on a clock of any begin. @default {() => performance.now()} */
  readonly now?: () => number;
}

const sampleIntervalMs = 500;
const decay = 0.95;
/** So many samples forget whatever was before. */
const maxSteps = 200;

/** Samples the CPU twice a second while it is asked, and averages. Several limiters may share one. */
export class CpuSampler {
  readonly #now: () => number;
  #source: CpuSource | undefined;
  #sampledMs: number | undefined;
  /** Whole thousandths, as Go counts. */
  #perMille = 0;

  constructor(options: CpuSamplerOptions = {}) {
    this.#source = options.source;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Answers the average use of the CPU, 0 to 1; 0 at first. It settles up to 0.019 below a constant use, for it
   * is cut to whole thousandths at each step: 0.981 is the most.
   */
  usageRatio(): number {
    const nowMs = this.#now();
    if (this.#sampledMs === undefined) this.#begin(nowMs);
    else if (nowMs - this.#sampledMs >= sampleIntervalMs) this.#sample(nowMs, this.#sampledMs);
    else if (nowMs < this.#sampledMs) this.#sampledMs = nowMs;
    return this.#perMille / 1000;
  }

  #begin(nowMs: number): void {
    this.#source ??= defaultCpuSource();
    // The first reading is where the next one begins.
    this.#source.read();
    this.#sampledMs = nowMs;
  }

  #sample(nowMs: number, sampledMs: number): void {
    const due = Math.trunc((nowMs - sampledMs) / sampleIntervalMs);
    this.#sampledMs = sampledMs + due * sampleIntervalMs;
    const ratio = this.#source?.read();
    if (ratio === undefined || Number.isNaN(ratio)) return;
    const sample = Math.trunc(Math.min(Math.max(ratio, 0), 1) * 1000);
    for (let step = Math.min(due, maxSteps); step > 0; step -= 1) {
      this.#perMille = Math.trunc(this.#perMille * decay + sample * 0.05);
    }
  }
}

let shared: CpuSampler | undefined;

/** Answers the sampler that all limiters of this thread share unless they are given another. */
export function sharedCpuSampler(): CpuSampler {
  shared ??= new CpuSampler();
  return shared;
}
