/**
 * Listens for signals. The first calls `onSignal`; the next one of any of them gets the system's
 * default again, which ends the process at once.
 */
export function trapSignals(
  signals: readonly NodeJS.Signals[],
  onSignal: (signal: NodeJS.Signals) => void,
): Disposable {
  let count = 0;
  const listener = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count === 1) {
      onSignal(signal);
      return;
    }
    release();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of signals) process.off(signal, listener);
  };
  for (const signal of signals) process.on(signal, listener);
  return { [Symbol.dispose]: release };
}
