import { grpcFailure } from "../errors/index.ts";
import { HeaderMap } from "./header-map.ts";
/** Names that belong to the protocol or to the connection; whoever writes them is not obeyed. */
const reserved: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

/** What the edge reads itself and does not show as metadata. */
const consumed: ReadonlySet<string> = new Set([
  "grpc-accept-encoding",
  "grpc-encoding",
  "grpc-message",
  "grpc-message-type",
  "grpc-status",
  "grpc-status-details-bin",
  "grpc-timeout",
  "te",
]);

const validName = /^[0-9a-z_.-]+$/;
const validText = /^[\x20-\x7e]*$/;
const validBase64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Reads the metadata of a header block; values of `-bin` names that a peer has joined by commas are
 * taken apart again. Of the pseudo-headers only `:authority` is kept.
 */
export function readMetadata(fields: readonly string[]): HeaderMap {
  const header = new HeaderMap();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (consumed.has(name) || (name.startsWith(":") && name !== ":authority")) continue;
    if (name.endsWith("-bin") && value.includes(",")) {
      for (const part of value.split(",")) header.add(name, part.trim());
    } else {
      header.add(name, value);
    }
  }
  return header;
}

/** Whether a name may be sent as metadata. */
export function isReservedName(name: string): boolean {
  return reserved.has(name) || name.startsWith("grpc-") || name.startsWith(":");
}

/**
 * Appends metadata to the fields of a header block, without the names that are reserved.
 * @throws {KratosError} INTERNAL if a name or a value cannot stand in a header; nothing would be gained by sending half.
 */
export function writeMetadata(
  fields: string[],
  entries: Iterable<readonly [string, readonly string[]]>,
): void {
  for (const [name, values] of entries) {
    if (isReservedName(name)) continue;
    if (!validName.test(name)) {
      throw grpcFailure(
        "INTERNAL",
        `Cannot send metadata as its name must be lower-case ASCII: current value is ${JSON.stringify(name)}`,
      );
    }
    const valid = name.endsWith("-bin") ? validBase64 : validText;
    for (const value of values) {
      if (!valid.test(value)) throw invalidValue(name);
      fields.push(name, value.trim());
    }
  }
}

function invalidValue(name: string): Error {
  const rule = name.endsWith("-bin") ? "must be base64" : "must be printable ASCII";
  return grpcFailure("INTERNAL", `Cannot send metadata as the value of "${name}" ${rule}`);
}
