// One listener for all sinks, set when the first line waits: importing this does nothing.
const waiting = new Set<() => void>();
let isListening = false;
let isExiting = false;

/** Calls `flush` when the process exits, unless it is dropped before. Answers false when the process exits already. */
export function flushAtExit(flush: () => void): boolean {
  if (isExiting) return false;
  waiting.add(flush);
  if (!isListening) {
    isListening = true;
    process.on("exit", flushAll);
  }
  return true;
}

/** Forgets a flush that has been done. */
export function dropFlushAtExit(flush: () => void): void {
  waiting.delete(flush);
}

function flushAll(): void {
  isExiting = true;
  for (const flush of waiting) flush();
  waiting.clear();
}
