import type { Compression } from "../../encoding/compression/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import type { HeaderMap } from "../../transport/index.ts";
import type { ProtocolParts } from "./protocol.ts";

/** A body as it goes out, and the Content-Encoding it has; "" for none. */
export interface PackedBody {
  readonly body: Uint8Array | undefined;
  readonly encoding: string;
}

/** Packs a body as the connection wants it. */
export async function packed(
  body: Uint8Array | undefined,
  parts: ProtocolParts,
): Promise<PackedBody> {
  const compression = body && compressionFor(body.length, parts);
  if (compression === undefined || body === undefined) return { body, encoding: "" };
  return { body: await compression.compress(body), encoding: compression.name };
}

/** How a request of this size is to be packed. */
export function compressionFor(
  sizeBytes: number,
  { compression, compressMinBytes }: ProtocolParts,
): Compression | undefined {
  return sizeBytes >= compressMinBytes ? compression : undefined;
}

/** The names of what answers may be packed with, the preferred first; "" where the wire sees to it. */
export function contentEncodings({ sender, accepted }: ProtocolParts): string {
  return sender.unpacks ? "" : accepted.map(({ name }) => name).join(",");
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
  const name = header.get("content-encoding");
  if (parts.sender.unpacks || isIdentity(name) || body.length === 0) return body;
  const limits = { maxMessageBytes: parts.maxMessageBytes };
  return compressionOf(name, parts).decompress(body, limits);
}

/** Finds what a peer says it has packed with. @throws {KratosError} INTERNAL if it was not offered. */
export function compressionOf(name: string, { accepted }: ProtocolParts): Compression {
  const found = accepted.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw grpcFailure("INTERNAL", `the answer has the unknown encoding "${name}"`);
}

/** Whether an encoding's name is none of a compression. */
export function isIdentity(name: string): boolean {
  return name === "" || name === "identity";
}
