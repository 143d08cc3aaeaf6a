import { base64Encode } from "@bufbuild/protobuf/wire";

// A Buffer, where there is one, is many times as quick as a loop.
const hasBuffer = typeof Buffer !== "undefined";

/** Writes padded base64 of the standard alphabet. */
export function base64Text(bytes: Uint8Array): string {
  if (!hasBuffer) return base64Encode(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
