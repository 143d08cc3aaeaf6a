import type { Context } from "../../../context/index.ts";
import { HeaderMap, isReservedName } from "../../../transport/index.ts";
import { metadataOf } from "../reply-header.ts";
import type { ProtocolParts } from "../protocol.ts";
import { remainingMs, requestHeader } from "../request-header.ts";

const trailerPrefix = "trailer-";
const longestTimeoutMs = 9_999_999_999;

/** The headers all requests of the Connect protocol have, then those given, then the metadata. */
export function connectHeader(
  ctx: Context,
  { userAgent }: ProtocolParts,
  own: readonly (readonly [string, string])[],
): HeaderMap {
  const all = [...own];
  const timeoutMs = remainingMs(ctx);
  if (timeoutMs !== undefined) {
    all.push(["connect-timeout-ms", String(Math.min(timeoutMs, longestTimeoutMs))]);
  }
  if (userAgent !== "") all.push(["user-agent", userAgent]);
  return requestHeader(ctx, all, isConnects);
}

/** Takes the headers of a unary answer apart: those with the prefix are what would be trailers. */
export function splitTrailer(header: HeaderMap): {
  readonly header: HeaderMap;
  readonly trailer: HeaderMap;
} {
  const leading = new HeaderMap();
  const trailing = new HeaderMap();
  for (const [name, values] of header.entries()) {
    const isTrailer = name.startsWith(trailerPrefix);
    const target = isTrailer ? trailing : leading;
    const key = isTrailer ? name.slice(trailerPrefix.length) : name;
    for (const value of values) target.add(key, value);
  }
  return { header: metadataOf(leading), trailer: metadataOf(trailing) };
}

function isConnects(name: string): boolean {
  const owned = name.startsWith("connect-") || name.endsWith("-encoding");
  return owned || isReservedName(name);
}
