import { deadlineExceeded } from "./cancellation.ts";
import type { Context } from "./context.ts";
import { ContextNode } from "./context-node.ts";
import { type Deadline, onDeadline } from "./deadline-wheel.ts";

/**
 * Calls `callback` with the reason when the context ends; `cancel` of what is answered drops it.
 *
 * Where nothing but a deadline can end the context no signal is made for it: most calls are answered
 * long before, and a signal costs more than all the rest of a context.
 */
export function onEnd(context: Context, callback: (reason: unknown) => void): Deadline {
  if (context instanceof ContextNode && context.cancellation?.cancellable !== true) {
    const { deadline } = context;
    if (deadline === undefined) return never;
    return onDeadline(deadline, () => callback(deadlineExceeded()));
  }
  const { signal } = context;
  const listener = (): void => callback(signal.reason);
  if (signal.aborted) queueMicrotask(listener);
  else signal.addEventListener("abort", listener, { once: true });
  return { cancel: () => signal.removeEventListener("abort", listener) };
}

/** Whether the context ends by its deadline alone, if at all. */
export function endsOnlyByDeadline(context: Context): boolean {
  return context instanceof ContextNode && context.cancellation?.cancellable !== true;
}

const never: Deadline = { cancel: () => undefined };
