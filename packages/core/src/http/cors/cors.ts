/**
 * Lets pages of other origins call a server: answers the questions browsers ask first, and marks the
 * answers pages may read. The defaults are what Connect and gRPC-Web need.
 *
 *     new HttpServer({ filters: [cors({ origins: ["https://app.example.com"] })] });
 */
import type { Exchange, Filter } from "../wire/exchange.ts";
import { firstLine } from "../wire/header-lines.ts";
import { checkCors, corsDefaults, type CorsOptions } from "./cors-options.ts";

/**
 * Makes a filter that speaks for the server to browsers. It is to stand before filters that refuse, as a
 * preflight carries no credentials. A request of an origin that is not allowed is answered as any other;
 * the browser keeps the answer from the page.
 * @throws {TypeError | RangeError} If a setting is impossible, or two of them together.
 */
export function cors(options: CorsOptions): Filter {
  const settings = { ...corsDefaults, ...options };
  checkCors(settings);
  const isAllowed = originCheck(settings.origins);
  const preflight = preflightHeaders(settings);
  const anyHeader = settings.headers === "*";
  const exposed = listed(settings.exposedHeaders);
  const everybody = settings.origins === "*";

  const mark = (exchange: Exchange, origin: string): void => {
    const header = exchange.replyHeader;
    header.set("Access-Control-Allow-Origin", everybody ? "*" : origin);
    if (settings.credentials) header.set("Access-Control-Allow-Credentials", "true");
  };

  return (next) => (exchange, ctx) => {
    const { rawHeaders, replyHeader } = exchange;
    const origin = firstLine(rawHeaders, "origin");
    const asked = firstLine(rawHeaders, "access-control-request-method");
    const isPreflight =
      exchange.method === "OPTIONS" && origin !== undefined && asked !== undefined;
    // Even without an Origin: a cache must not hand this answer to a page.
    if (!everybody) replyHeader.add("Vary", "Origin");
    const allowed = origin !== undefined && isAllowed(origin, exchange);
    if (allowed) mark(exchange, origin);
    if (!isPreflight) {
      if (allowed && exposed !== "") replyHeader.set("Access-Control-Expose-Headers", exposed);
      return next(exchange, ctx);
    }
    replyHeader.add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
    if (!allowed) return exchange.reply({ status: 204 });
    const wanted = firstLine(rawHeaders, "access-control-request-headers") ?? "";
    const headers =
      anyHeader && nameList.test(wanted)
        ? [...preflight, "Access-Control-Allow-Headers", wanted]
        : preflight;
    exchange.reply({ status: 204, headers });
  };
}

/** A list of header names, fit to be said back. */
const nameList = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:, *[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;

type OriginCheck = (origin: string, exchange: Exchange) => boolean;

function originCheck(origins: CorsOptions["origins"]): OriginCheck {
  if (origins === "*") return () => true;
  if (typeof origins === "function") return origins;
  const allowed = new Set(origins);
  return (origin) => allowed.has(origin);
}

/** What every allowed preflight is answered with. Headers by "*" are echoed instead: credentials rule the sign out. */
function preflightHeaders({ methods, headers, maxAgeMs }: Required<CorsOptions>): string[] {
  const fields = ["Access-Control-Allow-Methods", methods.join(", ")];
  if (headers !== "*" && headers.length > 0) {
    fields.push("Access-Control-Allow-Headers", headers.join(", "));
  }
  fields.push("Access-Control-Max-Age", String(Math.floor(maxAgeMs / 1000)));
  return fields;
}

function listed(names: "*" | readonly string[]): string {
  return names === "*" ? "*" : names.join(", ");
}
