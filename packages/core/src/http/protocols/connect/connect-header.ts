import type { Context } from "../../../context/index.ts";
import { type HeaderMap, isReservedName, readMetadata } from "../../../transport/index.ts";
import type { ProtocolParts } from "../protocol.ts";
import { type OwnField, remainingMs, requestHeader } from "../request-header.ts";

const trailerPrefix = "trailer-";
const longestTimeoutMs = 9_999_999_999;

/** The headers all requests of the Connect protocol have, then those given, then the metadata. */
export function connectHeader(
  ctx: Context,
  { userAgent }: ProtocolParts,
  own: readonly OwnField[],
): HeaderMap {
  const timeoutMs = remainingMs(ctx);
  const timeout = timeoutMs === undefined ? "" : String(Math.min(timeoutMs, longestTimeoutMs));
  const fields = [...own, ["connect-timeout-ms", timeout], ["user-agent", userAgent]] as const;
  return requestHeader(ctx, fields, isConnects);
}

/** Takes the headers of a unary answer apart: those with the prefix are what would be trailers. */
export function splitTrailer(header: HeaderMap): {
  readonly header: HeaderMap;
  readonly trailer: HeaderMap;
} {
  const leading: string[] = [];
  const trailing: string[] = [];
  for (const [name, values] of header.entries()) {
    for (const value of values) {
      if (name.startsWith(trailerPrefix)) trailing.push(name.slice(trailerPrefix.length), value);
      else leading.push(name, value);
    }
  }
  return { header: readMetadata(leading), trailer: readMetadata(trailing) };
}

function isConnects(name: string): boolean {
  const owned = name.startsWith("connect-") || name.endsWith("-encoding");
  return owned || isReservedName(name);
}
