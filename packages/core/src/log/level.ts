import type { Level } from "./logger.ts";

/** The levels and their severity, numbered as slog does: 4 apart, so that "INFO+1" lies between two. */
export const levels: Readonly<Record<Level, number>> = {
  debug: -4,
  info: 0,
  warn: 4,
  error: 8,
  fatal: 12,
};

/** The levels from the least to the most severe. */
export const levelNames: readonly Level[] = ["debug", "info", "warn", "error", "fatal"];

const levelText = /^(debug|info|warn|error|fatal)([+-]\d{1,6})?$/;

/**
 * Reads a level, in any case; text that names none is "info".
 * An offset as in "INFO+1" gives the least level that is at least as severe: a threshold hides what it hid in Go.
 */
export function parseLevel(text: string): Level {
  const match = levelText.exec(text.toLowerCase());
  const name = match?.[1];
  if (name === undefined || !isLevel(name)) return "info";
  const severity = levels[name] + Number(match?.[2] ?? 0);
  return levelNames.find((level) => levels[level] >= severity) ?? "fatal";
}

/** Whether a value is one of the five level names. */
export function isLevel(value: unknown): value is Level {
  return typeof value === "string" && Object.hasOwn(levels, value);
}

/** Answers the level, or refuses it. @throws TypeError for what is none. */
export function checkedLevel(level: Level): Level {
  if (isLevel(level)) return level;
  throw new TypeError(
    `Cannot set a log level as it must be one of ${levelNames.join(", ")}: current value is ${JSON.stringify(level)}`,
  );
}
