import { type KratosError, serviceUnavailable } from "../../errors/index.ts";

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Whether a client has nodes yet, and who waits for it. */
export class Readiness {
  readonly #timeoutMs: number;
  readonly #target: string;
  readonly #waiters: Set<Waiter> = new Set();
  #state: "waiting" | "ready" | "failed" = "waiting";
  #problem = "discovery has not answered";

  constructor(timeoutMs: number, target: string) {
    this.#timeoutMs = timeoutMs;
    this.#target = target;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Remembers why there are no nodes, for those who wait in vain. */
  note(problem: string): void {
    this.#problem = problem;
  }

  succeed(): void {
    if (this.#state !== "waiting") return;
    this.#state = "ready";
    for (const waiter of this.#waiters) waiter.resolve();
  }

  fail(problem: string): void {
    if (this.#state !== "waiting") return;
    this.#state = "failed";
    this.#problem = problem;
    for (const waiter of this.#waiters) waiter.reject(this.#error());
  }

  async wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === "ready") return;
    if (this.#state === "failed") throw this.#error();
    if (signal?.aborted === true) throw this.#reasonOf(signal);
    await new Promise<void>((resolve, reject) => this.#enter({ resolve, reject }, signal));
  }

  #enter({ resolve, reject }: Waiter, signal: AbortSignal | undefined): void {
    const leave = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiters.delete(waiter);
    };
    const waiter: Waiter = {
      resolve: () => {
        leave();
        resolve();
      },
      reject: (error) => {
        leave();
        reject(error);
      },
    };
    const onAbort = (): void => waiter.reject(this.#reasonOf(signal));
    // Holds the process, unlike the timers of a watch: a program that waits for its first call is not done.
    const timer =
      this.#timeoutMs > 0
        ? setTimeout(() => waiter.reject(this.#error()), this.#timeoutMs)
        : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiters.add(waiter);
  }

  /** A timeout says less than what was waited for; that the caller left is its own matter. */
  #reasonOf(signal: AbortSignal | undefined): unknown {
    const reason: unknown = signal?.reason;
    return reason instanceof Error && reason.name === "TimeoutError" ? this.#error(reason) : reason;
  }

  #error(cause?: unknown): KratosError {
    return serviceUnavailable(
      "no_available_node",
      `no node of "${this.#target}": ${this.#problem}`,
      { cause },
    );
  }
}
