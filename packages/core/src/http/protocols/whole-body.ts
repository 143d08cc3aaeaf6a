import type { HttpReply } from "./http-sender.ts";

/**
 * Reads a body to its end.
 * @throws What `tooLarge` makes of a body over the limit; as `read` otherwise.
 */
export async function wholeBody(
  reply: HttpReply,
  { maxBytes, tooLarge }: { readonly maxBytes: number; readonly tooLarge: (size: number) => Error },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await reply.read(); chunk !== undefined; chunk = await reply.read()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(size);
  }
  return joined(chunks);
}

/** Puts pieces together. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
