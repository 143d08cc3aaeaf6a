import { promisify } from "node:util";
import {
  brotliCompress,
  brotliDecompress,
  brotliDecompressSync,
  type BrotliOptions,
  constants,
  deflate,
  gunzip,
  gunzipSync,
  gzip,
  inflate,
  inflateSync,
} from "node:zlib";
import { grpcFailure } from "../../errors/index.ts";

/** A way to compress messages, by its name on the wire. */
export interface Compression {
  readonly name: string;
  compress(message: Uint8Array): Promise<Uint8Array>;
  /** @throws {KratosError} RESOURCE_EXHAUSTED if the result is over the limit, INTERNAL if the bytes are damaged. */
  decompress(message: Uint8Array, limits: DecompressLimits): Promise<Uint8Array>;
}

export interface DecompressLimits {
  readonly maxMessageBytes: number;
}

/** Up to here the work is less than a way to the thread pool and back, and at most 1 MiB comes out of it. */
const syncBytes = 1024;

type Sync = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;
type Async = (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
) => Promise<Uint8Array>;

function zlibCompression(
  name: string,
  codec: { readonly pack: (bytes: Uint8Array) => Promise<Uint8Array>; sync: Sync; async: Async },
): Compression {
  return {
    name,
    compress: codec.pack,
    async decompress(message, { maxMessageBytes }) {
      // zlib wants a limit of at least 1; an empty message stays below it.
      const limit = { maxOutputLength: Math.max(1, Math.min(maxMessageBytes, 2 ** 31)) };
      try {
        return message.length <= syncBytes
          ? codec.sync(message, limit)
          : await codec.async(message, limit);
      } catch (error) {
        throw decompressFailure(error, name, maxMessageBytes);
      }
    },
  };
}

function decompressFailure(cause: unknown, name: string, maxMessageBytes: number): Error {
  if (cause instanceof RangeError) {
    return grpcFailure(
      "RESOURCE_EXHAUSTED",
      `received message larger than max after decompression (max ${maxMessageBytes})`,
      { cause },
    );
  }
  return grpcFailure("INTERNAL", `a message cannot be decompressed as ${name}`, { cause });
}

/** gzip (RFC 1952). */
export const gzipCompression: Compression = /* @__PURE__ */ zlibCompression("gzip", {
  pack: promisify<Uint8Array, Uint8Array>(gzip),
  sync: gunzipSync,
  async: promisify(gunzip),
});

/** deflate, which is zlib (RFC 1950). */
export const deflateCompression: Compression = /* @__PURE__ */ zlibCompression("deflate", {
  pack: promisify<Uint8Array, Uint8Array>(deflate),
  sync: inflateSync,
  async: promisify(inflate),
});

// Of the eleven qualities the default is the highest: for files, not for answers.
const brotli = promisify<Uint8Array, BrotliOptions, Uint8Array>(brotliCompress);

/** Brotli (RFC 7932); HTTP's, unknown to gRPC. */
export const brotliCompression: Compression = /* @__PURE__ */ zlibCompression("br", {
  pack: (bytes) => brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  sync: brotliDecompressSync,
  async: promisify(brotliDecompress),
});

/** The compressions gRPC messages can be received in, in order of preference. */
export const compressions: readonly Compression[] = [gzipCompression, deflateCompression];

/** The value of grpc-accept-encoding. */
export const acceptedEncodings = "identity,gzip,deflate";

/** Finds a compression by name; undefined for identity and for what is not known. */
export function findCompression(name: string): Compression | undefined {
  return compressions.find((compression) => compression.name === name);
}

/**
 * Unpacks a message whose flag says it is compressed.
 * @throws {KratosError} INTERNAL where no compression was agreed on; as `decompress` otherwise.
 */
export async function decompressMessage(
  message: Uint8Array,
  options: DecompressLimits & { readonly compression: Compression | undefined },
): Promise<Uint8Array> {
  if (options.compression === undefined) {
    throw grpcFailure("INTERNAL", "a message is compressed without a grpc-encoding");
  }
  return options.compression.decompress(message, options);
}
