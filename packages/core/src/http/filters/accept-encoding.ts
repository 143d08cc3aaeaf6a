import type { ContentCoding } from "./content-coding.ts";

// More than any client says; the rest is not looked at.
const maxItems = 32;

/**
 * Chooses among the codings offered, the preferred first, by the lines of an Accept-Encoding (RFC 9110, 12.5.3);
 * undefined for the content as it is. What the peer likes best wins, among equals what is offered first.
 */
export function chooseCoding(
  lines: readonly string[],
  offered: readonly ContentCoding[],
): ContentCoding | undefined {
  if (lines.length === 0) return undefined;
  const qualities = qualitiesOf(lines);
  let best: ContentCoding | undefined;
  // As it is counts where it is named; else anything that is accepted is better.
  let most = qualities.get("identity") ?? 0;
  for (const coding of offered) {
    const quality = qualityOf(qualities, coding);
    if (quality > most || (best === undefined && quality === most && quality > 0)) {
      best = coding;
      most = quality;
    }
  }
  return best;
}

function qualityOf(qualities: ReadonlyMap<string, number>, coding: ContentCoding): number {
  const alias = coding === "gzip" ? qualities.get("x-gzip") : undefined;
  return qualities.get(coding) ?? alias ?? qualities.get("*") ?? 0;
}

function qualitiesOf(lines: readonly string[]): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const item of lines.join(",").split(",", maxItems)) {
    const [name = "", ...parameters] = item.split(";");
    const coding = name.trim().toLowerCase();
    if (coding !== "") qualities.set(coding, weightIn(parameters));
  }
  return qualities;
}

const weight = /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/i;

/** A weight that cannot be read is a refusal: nobody is sent what they may not understand. */
function weightIn(parameters: readonly string[]): number {
  const [parameter, ...more] = parameters;
  if (parameter === undefined) return 1;
  const value = Number(weight.exec(parameter)?.[1]);
  return more.length === 0 && value >= 0 && value <= 1 ? value : 0;
}
