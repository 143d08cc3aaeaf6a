import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";

// A Buffer, where there is one, is many times as quick as a loop.
const hasBuffer = typeof Buffer !== "undefined";

/** Reads padded base64 of either alphabet; undefined where the text is anything else. */
export function base64Bytes(text: string): Uint8Array | undefined {
  if (text === "") return new Uint8Array(0);
  if (!hasBuffer) return attempt(text);
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  // What is not of the alphabet is skipped, and so missing.
  if (bytes.length !== (text.length / 4) * 3 - padding) return undefined;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Writes padded base64 of the standard alphabet. */
export function base64Text(bytes: Uint8Array): string {
  if (!hasBuffer) return base64Encode(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function attempt(text: string): Uint8Array | undefined {
  try {
    return base64Decode(text);
  } catch {
    return undefined;
  }
}
