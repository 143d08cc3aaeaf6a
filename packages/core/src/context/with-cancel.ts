import { Cancellation, contextCanceled } from "./cancellation.ts";
import type { Context } from "./context.ts";
import { ContextNode } from "./context-node.ts";

/** A context together with the right to end it. */
export interface Cancel {
  readonly context: Context;
  /** Ends the context and its children; the reason is the signal's. Later calls do nothing. */
  cancel(reason?: unknown): void;
}

/**
 * Derives a context that the caller can end.
 * With `deadline` (epoch milliseconds) it also ends then, or at the parent's deadline if that is earlier.
 */
export function withCancel(parent: Context, options: { readonly deadline?: number } = {}): Cancel {
  if (!(parent instanceof ContextNode)) return withForeignParent(parent, options);
  const cancellation = new Cancellation(parent.cancellation, {
    deadline: options.deadline,
    cancellable: true,
  });
  return {
    context: parent.derive(cancellation),
    cancel: (reason) => cancellation.cancel(reason),
  };
}

/** A context that was not made here (a test's, another copy of the package): only its contract is known. */
function withForeignParent(parent: Context, options: { readonly deadline?: number }): Cancel {
  const controller = new AbortController();
  const joined = parent.withSignal(controller.signal);
  return {
    context:
      options.deadline === undefined ? joined : joined.withTimeout(options.deadline - Date.now()),
    cancel: (reason = contextCanceled()) => controller.abort(reason),
  };
}

/** A context with the values of `parent` that neither its end nor its deadline reaches. */
export function detach(parent: Context): Context {
  return parent instanceof ContextNode ? new ContextNode(parent, undefined) : parent;
}
