import type { Context } from "../../context/index.ts";
import { grpcFailure, messageOf } from "../../errors/index.ts";
import {
  clientTransport,
  HeaderMap,
  isReservedName,
  writeMetadata,
} from "../../transport/index.ts";

/** A header a protocol sends where it has a value. */
export type OwnField = readonly [name: string, value: string | undefined];

/**
 * The headers of a call: the protocol's that have a value, then the metadata that caller and middlewares have set, without
 * names that belong to the protocol.
 * @throws {KratosError} INTERNAL if metadata cannot stand in a header.
 */
export function requestHeader(
  ctx: Context,
  own: Iterable<OwnField>,
  isOwn: (name: string) => boolean = isReservedName,
): HeaderMap {
  const header = new HeaderMap();
  for (const [name, value] of own) {
    if (value) header.add(name, value);
  }
  const metadata = clientTransport(ctx)?.requestHeader;
  if (metadata === undefined) return header;
  const fields: string[] = [];
  const names = metadata.keys().filter((name) => !isOwn(name));
  writeMetadata(
    fields,
    names.map((name) => [name, metadata.values(name)]),
  );
  for (let at = 0; at < fields.length; at += 2) header.add(fields[at] ?? "", fields[at + 1] ?? "");
  return header;
}

/** Milliseconds that are left of a call, rounded up; undefined without a deadline. */
export function remainingMs({ deadline }: Context): number | undefined {
  return deadline === undefined ? undefined : Math.max(0, Math.ceil(deadline - Date.now()));
}

/** Runs what makes a request; what is wrong with it is the caller's own. */
export function built<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw grpcFailure("INTERNAL", messageOf(error), { cause: error });
  }
}
