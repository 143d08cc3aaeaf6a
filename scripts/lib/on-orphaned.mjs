/** How often we look whether our parent is still there. */
const intervalMs = 250;

/**
 * Calls back once if the shell between npm and us ends before we do. npm hands a signal on to that
 * shell only, and some shells end without telling us. Run without npm, nothing is watched.
 * @param {() => void} callback
 * @returns {() => void} Stops watching.
 */
export function onOrphaned(callback) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
