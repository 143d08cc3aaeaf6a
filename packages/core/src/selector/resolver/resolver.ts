import { randomUUID } from "node:crypto";
import { sleep } from "../../context/index.ts";
import { messageOf } from "../../errors/index.ts";
import type { Discovery, ServiceInstance } from "../../registry/index.ts";
import { type Node, nodeFromInstance } from "../index.ts";
import { Readiness } from "./readiness.ts";
import type { EndpointScheme, ResolverOptions } from "./resolver-options.ts";
import { parseTarget, type Target } from "./target.ts";
import { usableNodes } from "./usable-nodes.ts";

const defaults = { subsetSize: 25, retryDelayMs: 1000, readyTimeoutMs: 10_000 } as const;

/**
 * Keeps the nodes of a client's selector current, from the target it was given.
 *
 * A `discovery:` target is watched from the beginning until `close`; a watch that fails is begun anew after
 * a while. An update without a usable node is refused: the nodes from before are more likely to answer
 * than none. Any other target is a list that never changes.
 *
 * ```ts
 * const resolver = new Resolver("discovery:///users", { scheme: "grpc", discovery, selector });
 * await resolver.ready(ctx.signal);
 * const { node, done } = selector.select(ctx);
 * ```
 */
export class Resolver {
  readonly target: Target;
  readonly #options: ResolverOptions;
  readonly #subsetSize: number;
  readonly #subsetKey: string;
  readonly #retryDelayMs: number;
  readonly #closing: AbortController = new AbortController();
  readonly #readiness: Readiness;

  /**
   * @throws {TypeError} If the target cannot be resolved, by its form or for want of a discovery.
   * @throws {RangeError} If a number is negative or none.
   */
  constructor(target: string, options: ResolverOptions) {
    this.target = parseTarget(target, options.scheme);
    this.#options = options;
    this.#subsetSize = notNegative("subsetSize", options.subsetSize ?? defaults.subsetSize);
    this.#retryDelayMs = notNegative("retryDelayMs", options.retryDelayMs ?? defaults.retryDelayMs);
    this.#subsetKey = options.subsetKey ?? randomUUID();
    const readyTimeoutMs = notNegative(
      "readyTimeoutMs",
      options.readyTimeoutMs ?? defaults.readyTimeoutMs,
    );
    this.#readiness = new Readiness(readyTimeoutMs, target);
    this.#begin(target);
  }

  /** The scheme of all nodes. */
  get scheme(): EndpointScheme {
    return this.target.scheme;
  }

  /** Whether there are nodes: `ready` would resolve at once. */
  get isReady(): boolean {
    return this.#readiness.isReady;
  }

  /**
   * Resolves when the first usable nodes are there.
   * @throws {KratosError} 503 `no_available_node` with the last problem, if that takes too long by the signal's
   * timeout or `readyTimeoutMs`, or if the resolver is closed; the signal's reason if it aborts for another cause.
   */
  ready(signal?: AbortSignal): Promise<void> {
    return this.#readiness.wait(signal);
  }

  /** Ends the watch; the nodes stay as they are. */
  close(): void {
    this.#closing.abort();
    this.#readiness.fail("the client was closed");
  }

  #begin(text: string): void {
    const { target } = this;
    if (target.kind === "static") {
      this.#apply(
        target.addresses.map((address) => nodeFromInstance({ scheme: target.scheme, address })),
      );
      return;
    }
    const { discovery } = this.#options;
    if (discovery === undefined) {
      throw new TypeError(
        `Cannot resolve a target as "discovery:" needs the option 'discovery': current value is "${text}"`,
      );
    }
    void this.#follow(discovery, target.serviceName);
  }

  async #follow(discovery: Discovery, serviceName: string): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const problem = await this.#watchOnce(discovery, serviceName);
      if (signal.aborted) return;
      this.#report(serviceName, problem);
      await sleep(this.#retryDelayMs, { signal }).catch(() => undefined);
    }
  }

  /** Answers why the watch is over. */
  async #watchOnce(discovery: Discovery, serviceName: string): Promise<string> {
    const { signal } = this.#closing;
    try {
      for await (const instances of discovery.watch(serviceName, { signal })) {
        if (signal.aborted) break;
        this.#update(serviceName, instances);
      }
      return "the watch ended by itself";
    } catch (error) {
      return messageOf(error);
    }
  }

  #update(serviceName: string, instances: readonly ServiceInstance[]): void {
    const nodes = usableNodes(instances, {
      scheme: this.scheme,
      subsetSize: this.#subsetSize,
      subsetKey: this.#subsetKey,
    });
    if (nodes.length > 0) this.#apply(nodes);
    else
      this.#report(
        serviceName,
        `none of its ${instances.length} instances has an endpoint "${this.scheme}"`,
      );
  }

  #apply(nodes: readonly Node[]): void {
    this.#options.selector.apply(nodes);
    this.#options.onNodes?.(nodes);
    this.#readiness.succeed();
  }

  #report(serviceName: string, problem: string): void {
    this.#readiness.note(problem);
    const nodes = this.isReady ? "the nodes from before stay" : "there are no nodes yet";
    this.#options.logger?.warn(`discovery of "${serviceName}": ${problem}; ${nodes}`);
  }
}

function notNegative(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(
    `Cannot make a resolver as '${name}' must be 0 or more: current value is ${value}`,
  );
}
