import { grpcFailure } from "../../errors/index.ts";
import type { HeaderMap } from "../../transport/index.ts";
import type { Unpack } from "./packing.ts";
import type { ProtocolParts } from "./protocol.ts";

/** A body as it goes out, and the Content-Encoding it has; "" for none. */
export interface PackedBody {
  readonly body: Uint8Array | undefined;
  readonly encoding: string;
}

/** Packs a body as the connection wants it. */
export async function packed(
  body: Uint8Array | undefined,
  { packing }: ProtocolParts,
): Promise<PackedBody> {
  const bytes = body && (await packing?.pack(body));
  return { body: bytes ?? body, encoding: (bytes && packing?.encoding) ?? "" };
}

/**
 * Undoes the Content-Encoding of a body.
 * @throws {KratosError} INTERNAL for an encoding that was not offered; RESOURCE_EXHAUSTED over the limit.
 */
export function unpackBody(
  body: Uint8Array,
  header: HeaderMap,
  parts: ProtocolParts,
): Uint8Array | Promise<Uint8Array> {
  // Without a packing, the wire has seen to it.
  if (parts.packing === undefined || body.length === 0) return body;
  return unpackerOf(header.get("content-encoding"), parts)?.(body) ?? body;
}

/** Finds what undoes an encoding; undefined where there is none to undo. @throws {KratosError} INTERNAL if it was not offered. */
export function unpackerOf(encoding: string, { packing }: ProtocolParts): Unpack | undefined {
  if (encoding === "" || encoding === "identity") return undefined;
  const unpack = packing?.unpacker(encoding);
  if (unpack !== undefined) return unpack;
  throw grpcFailure("INTERNAL", `the answer has the unknown encoding "${encoding}"`);
}
