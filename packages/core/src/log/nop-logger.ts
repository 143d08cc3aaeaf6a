import type { Logger } from "./logger.ts";

/** Writes nothing. */
export const nopLogger: Logger = Object.freeze({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  log: () => {},
  with: () => nopLogger,
  withContext: () => nopLogger,
  enabled: () => false,
});
