const plain = /^[\x20-\x24\x26-\x7e]*$/;
const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Writes a text as a grpc-message: bytes of its UTF-8 outside printable ASCII, and "%", as %XX. */
export function encodePercent(text: string): string {
  if (plain.test(text)) return text;
  let encoded = "";
  for (const byte of encoder.encode(text)) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** Reads a grpc-message. What is no %XX stays as it is: a peer's bad escape must not lose its message. */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_escape, pair: string) =>
    String.fromCharCode(Number.parseInt(pair, 16)),
  );
  return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
