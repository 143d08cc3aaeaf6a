import {
  brotliCompression,
  type Compression,
  deflateCompression,
  gzipCompression,
} from "../../encoding/compression/index.ts";
import { grpcFailure } from "../../errors/index.ts";

const known: ReadonlyMap<string, Compression> = /* @__PURE__ */ new Map(
  [gzipCompression, brotliCompression, deflateCompression].map((each) => [each.name, each]),
);

/** What the RPC protocols over HTTP read, for headers that say so. */
export const acceptedRpcEncodings = "gzip,br,deflate";

/**
 * Finds how a request is packed; undefined for not at all.
 * @throws {KratosError} UNIMPLEMENTED if the name is not known.
 */
export function requestCompression(name: string | undefined): Compression | undefined {
  if (name === undefined || name === "" || name === "identity") return undefined;
  const compression = known.get(name.toLowerCase());
  if (compression !== undefined) return compression;
  throw grpcFailure(
    "UNIMPLEMENTED",
    `unknown compression "${name.slice(0, 32)}": supported are ${acceptedRpcEncodings}`,
  );
}

/** Chooses how to pack answers: the first of the peer's list that is known here; undefined for not at all. */
export function replyCompression(accepted: readonly string[]): Compression | undefined {
  for (const line of accepted) {
    for (const item of line.split(",")) {
      const [name = "", ...parameters] = item.split(";");
      const compression = known.get(name.trim().toLowerCase());
      if (compression !== undefined && !parameters.some(isRefusal)) return compression;
    }
  }
  return undefined;
}

/** Whether a parameter of an Accept-Encoding says "not this one". */
function isRefusal(parameter: string): boolean {
  return /^\s*q\s*=\s*0(\.0*)?\s*$/i.test(parameter);
}
