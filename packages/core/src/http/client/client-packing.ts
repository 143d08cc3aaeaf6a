import {
  brotliCompression,
  type Compression,
  deflateCompression,
  gzipCompression,
} from "../../encoding/compression/index.ts";
import type { Packing } from "../protocols/index.ts";

/** What the packing of a client is made of. */
export interface ClientPackingOptions {
  /** The name of what requests are packed with; any other is none. */
  readonly compression: string;
  /** Smaller requests are not packed. */
  readonly compressMinBytes: number;
  /** The largest message, as unpacked. */
  readonly maxResponseBytes: number;
}

const compressions: readonly Compression[] = [
  gzipCompression,
  brotliCompression,
  deflateCompression,
];

/** Packs requests as the client's settings say, and reads what Node has the means for. */
export function clientPacking(options: ClientPackingOptions): Packing {
  const { compressMinBytes, maxResponseBytes: maxMessageBytes } = options;
  const own = find(options.compression);
  return {
    encoding: own?.name ?? "",
    accepted: compressions.map(({ name }) => name).join(","),
    pack: (bytes) => (bytes.length < compressMinBytes ? undefined : own?.compress(bytes)),
    unpacker(encoding) {
      const found = find(encoding);
      return found && ((bytes) => found.decompress(bytes, { maxMessageBytes }));
    },
  };
}

function find(name: string): Compression | undefined {
  return compressions.find((each) => each.name === name);
}
