import type { Done, DoneInfo, Node, WeightedNode, WeightedNodeBuilder } from "../index.ts";
import { isNodeFailure } from "./is-node-failure.ts";

// Time is kept in whole nanoseconds and every average is cut to an integer, as Go Kratos does, so that
// both come to the same weights.
const decayNs = 600e6;
const cacheNs = 5e6;
/** Added to every lag, so that small differences between near and far nodes do not decide. */
const zoneGapNs = 5e6;
/** The load of a call to a node nothing is known of. */
const penaltyNs = 100_000;
const slotCount = 200;
const fullSuccess = 1000;

/** How nodes judge their calls. */
export interface EwmaOptions {
  /** A clock in milliseconds. @default {performance.now} */
  readonly now?: () => number;
  /** Whether a call's error speaks against the node, beside those that always do (see `isNodeFailure`). @default {never} */
  readonly isFailure?: (error: unknown) => boolean;
}

/** What a node has learned. */
export interface EwmaStatistics {
  /** The smoothed time of a call in nanoseconds. */
  readonly lagNs: number;
  /** The smoothed share of calls that did not fail, 0 to 1000. */
  readonly success: number;
  /** Calls under way, plus one. */
  readonly inflight: number;
}

/** Makes nodes that weigh more the faster and the more reliably they answer; configured weights are not used. */
export function ewmaNode(options: EwmaOptions = {}): WeightedNodeBuilder {
  const { now = () => performance.now(), isFailure = () => false } = options;
  const judge = ({ error, unreachable }: DoneInfo): boolean =>
    unreachable === true || (error !== undefined && (isNodeFailure(error) || isFailure(error)));
  return (raw, previous) =>
    new EwmaNode(
      raw,
      previous instanceof EwmaNode
        ? previous.history
        : new History(() => Math.round(now() * 1e6), judge),
    );
}

/** A node weighed by exponentially weighted moving averages of its latency and success. */
export class EwmaNode implements WeightedNode {
  readonly raw: Node;
  /** What goes on when the node list changes. */
  readonly history: History;

  constructor(raw: Node, history: History) {
    this.raw = raw;
    this.history = history;
  }

  weight(): number {
    return this.history.weight();
  }

  pick(): Done {
    return this.history.pick();
  }

  pickElapsedMs(): number {
    return this.history.pickElapsedMs();
  }

  /** A look at what the weight is made of. */
  statistics(): EwmaStatistics {
    return this.history.statistics();
  }
}

class History {
  readonly #nowNs: () => number;
  readonly #isFailure: (info: DoneInfo) => boolean;
  /** When the calls under way began, as far as there are slots; -1 is free. */
  readonly #starts: Float64Array = new Float64Array(slotCount).fill(-1);
  #lagNs = 0;
  #success = fullSuccess;
  #inflight = 1;
  #requests = 0;
  #doneNs = 0;
  #pickedNs = -Infinity;
  #weight = 0;
  #weighedNs = -Infinity;

  constructor(nowNs: () => number, isFailure: (info: DoneInfo) => boolean) {
    this.#nowNs = nowNs;
    this.#isFailure = isFailure;
  }

  statistics(): EwmaStatistics {
    return { lagNs: this.#lagNs, success: this.#success, inflight: this.#inflight };
  }

  pickElapsedMs(): number {
    return (this.#nowNs() - this.#pickedNs) / 1e6;
  }

  pick(): Done {
    const startNs = this.#nowNs();
    this.#pickedNs = startNs;
    this.#inflight += 1;
    this.#requests += 1;
    const slot = this.#requests % slotCount;
    const isOwner = this.#starts[slot] === -1;
    if (isOwner) this.#starts[slot] = startNs;
    return (info) => {
      if (isOwner) this.#starts[slot] = -1;
      this.#inflight -= 1;
      this.#learn(startNs, this.#isFailure(info));
    };
  }

  #learn(startNs: number, isFailure: boolean): void {
    const nowNs = this.#nowNs();
    const sinceLastNs = Math.max(nowNs - this.#doneNs, 0);
    this.#doneNs = nowNs;
    // The longer ago the last call ended, the less the past counts; without a past only this call does.
    const past = this.#lagNs === 0 ? 0 : Math.exp(-sinceLastNs / decayNs);
    const lagNs = Math.max(nowNs - startNs, 0);
    this.#lagNs = Math.trunc(this.#lagNs * past + lagNs * (1 - past));
    this.#success = Math.trunc(this.#success * past + (isFailure ? 0 : fullSuccess) * (1 - past));
  }

  weight(): number {
    const nowNs = this.#nowNs();
    if (nowNs - this.#weighedNs > cacheNs) {
      this.#weighedNs = nowNs;
      this.#weight = (this.#success * 10_000) / this.#load(nowNs);
    }
    return this.#weight;
  }

  #load(nowNs: number): number {
    if (this.#lagNs === 0) return penaltyNs * this.#inflight;
    const lagNs = Math.max(this.#lagNs, this.#predictedLagNs(nowNs));
    return Math.trunc(Math.sqrt(lagNs + zoneGapNs)) * this.#inflight;
  }

  /** The average age of the calls that already take longer than the average, when most of those under way do. */
  #predictedLagNs(nowNs: number): number {
    let [count, slow, sumNs] = [0, 0, 0];
    for (const startNs of this.#starts) {
      if (startNs === -1) continue;
      count += 1;
      const ageNs = nowNs - startNs;
      if (ageNs <= this.#lagNs) continue;
      slow += 1;
      sumNs += ageNs;
    }
    return slow >= Math.floor(count / 2) + 1 ? Math.floor(sumNs / slow) : 0;
  }
}
