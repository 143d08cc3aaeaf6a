import type { Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";

/**
 * Whether a page may open a WebSocket: requests without an Origin come from no page, a page of this very
 * host may, and those of the origins listed; `*` lists all. Browsers send cookies along whoever asks.
 */
export function isAllowedOrigin(
  { rawHeaders, host }: Pick<Exchange, "rawHeaders" | "host">,
  origins: readonly string[],
): boolean {
  const [origin, ...more] = allLines(rawHeaders, "origin");
  if (origin === undefined) return true;
  if (more.length > 0) return false;
  if (origins.includes("*") || origins.includes(origin.toLowerCase())) return true;
  return isSameHost(origin, host);
}

function isSameHost(origin: string, host: string): boolean {
  const page = parse(origin);
  return (
    page !== undefined && page.host !== "" && page.host === parse(`${page.protocol}//${host}`)?.host
  );
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
