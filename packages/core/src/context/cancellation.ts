import { onDeadline } from "./deadline-wheel.ts";

export interface CancellationOptions {
  /** Epoch milliseconds; the parent's counts too. @default none */
  readonly deadline?: number | undefined;
  /** Ends the context with its reason. @default none */
  readonly joined?: AbortSignal;
  /** Whether `cancel` may be called. @default {false} */
  readonly cancellable?: boolean;
}

/**
 * What can end a context: its own cancel, a deadline, the context above, a signal joined to it.
 * The AbortSignal, the deadline's timer and the listeners come into being only when somebody asks
 * for the signal; most calls end without.
 */
export class Cancellation {
  readonly deadline: number | undefined;
  /** Whether something besides the deadline can end it. */
  readonly cancellable: boolean;
  readonly #parent: Cancellation | undefined;
  readonly #joined: AbortSignal | undefined;
  #own: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #canceled = false;
  #reason: unknown;

  constructor(parent: Cancellation | undefined, options: CancellationOptions) {
    const { deadline, joined } = options;
    this.#parent = parent;
    this.#joined = joined;
    this.cancellable =
      options.cancellable === true || joined !== undefined || parent?.cancellable === true;
    const inherited = parent?.deadline;
    // One that never comes is none.
    const isOwn = deadline !== undefined && deadline < (inherited ?? Infinity);
    this.deadline = isOwn ? deadline : inherited;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal();
    return this.#signal;
  }

  /** Without a reason it is `contextCanceled`, made when somebody looks: an error costs more than a whole call. */
  cancel(reason?: unknown): void {
    if (this.#canceled) return;
    this.#canceled = true;
    this.#reason = reason;
    this.#own?.abort(this.#why());
  }

  #why(): unknown {
    return this.#reason === undefined ? contextCanceled() : this.#reason;
  }

  #makeSignal(): AbortSignal {
    const own = new AbortController();
    this.#own = own;
    if (this.#canceled) {
      own.abort(this.#why());
      return own.signal;
    }
    const inherited = this.#parent?.deadline;
    if (this.deadline !== undefined && this.deadline !== inherited) {
      const timer = onDeadline(this.deadline, () => this.cancel(deadlineExceeded()));
      own.signal.addEventListener("abort", () => timer.cancel(), { once: true });
    }
    const sources = [own.signal];
    if (this.#parent !== undefined) sources.push(this.#parent.signal);
    if (this.#joined !== undefined) sources.push(this.#joined);
    // AbortSignal.any holds its sources weakly: a call's signal does not pile up on a server's.
    return sources.length === 1 ? own.signal : AbortSignal.any(sources);
  }
}

/** The reason of a signal whose deadline has passed: the same as `AbortSignal.timeout` gives. */
export function deadlineExceeded(): DOMException {
  return new DOMException("context deadline exceeded", "TimeoutError");
}

/** The reason of a signal that was canceled without a reason of its own. */
export function contextCanceled(): DOMException {
  return new DOMException("context canceled", "AbortError");
}
