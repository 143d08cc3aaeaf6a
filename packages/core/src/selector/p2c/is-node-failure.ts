import { code } from "../../errors/index.ts";

/** Longer chains of causes are cut: a chain can be made a circle. */
const maxCauses = 8;

/**
 * Whether an error speaks against the node: time ran out, the call was aborted, the network failed, or it
 * answered 503 or 504. A 499 that it answered does not.
 */
export function isNodeFailure(error: unknown): boolean {
  if (error === undefined || error === null) return false;
  const status = code(error);
  if (status === 503 || status === 504) return true;
  return chain(error).some((cause) => cause.name === "AbortError" || isNetworkError(cause));
}

function chain(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < maxCauses; cause = cause.cause)
    causes.push(cause);
  return causes;
}

function isNetworkError(error: Error): boolean {
  if (!("code" in error) || typeof error.code !== "string") return false;
  // The system's own carry the call that failed; undici's have a prefix.
  return "syscall" in error || error.code.startsWith("UND_ERR_");
}
