import { createLogger } from "./create-logger.ts";
import type { Logger } from "./logger.ts";

let current: Logger | undefined;

/** The logger of the process, for whatever was not given one: ask at each use, it may be replaced. Made at the first call. */
export function defaultLogger(): Logger {
  current ??= createLogger();
  return current;
}

/** Replaces the logger of the process and answers the one before. An `App` installs its own when it is made. */
export function setDefaultLogger(logger: Logger): Logger {
  const previous = defaultLogger();
  current = logger;
  return previous;
}
