export {
  acceptedEncodings,
  brotliCompression,
  type Compression,
  compressions,
  type DecompressLimits,
  decompressMessage,
  deflateCompression,
  findCompression,
  gzipCompression,
} from "./compression.ts";
