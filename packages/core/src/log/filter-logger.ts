import { compileFilter, type FilterOptions } from "./filter.ts";
import { HandlerLogger } from "./handler-logger.ts";
import type { LogHandler } from "./log-handler.ts";
import type { Logger } from "./logger.ts";
import { defaultValueLimits } from "./value-limits.ts";

/**
 * Wraps a logger so that secrets and unwanted records stop here. Filters nest: all of them apply.
 *
 * Fields that the logger already carries are masked as well. A logger of another kind is asked through
 * its own methods: what it was given before, or adds by itself, cannot be masked.
 * @throws TypeError for a level that is none
 */
export function filterLogger(logger: Logger, options: FilterOptions): Logger {
  const filter = compileFilter(options, defaultValueLimits);
  if (logger instanceof HandlerLogger) return logger.filtered(filter);
  const core = {
    handler: handlerOf(logger),
    level: "debug",
    now: Date.now,
    extractors: [],
    filters: [filter],
  } as const;
  return new HandlerLogger(core);
}

function handlerOf(logger: Logger): LogHandler {
  return {
    handle: ({ level, message, fields }) => logger.log(level, message, fields),
    with: (fields) => handlerOf(logger.with(fields)),
    withContext: (context) => handlerOf(logger.withContext(context)),
    enabled: (level) => logger.enabled(level),
  };
}
