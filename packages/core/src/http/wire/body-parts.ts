import type { IncomingMessage } from "node:http";
import { firstLine } from "./header-lines.ts";
import { aborted, tooLarge } from "./read-body.ts";

/**
 * The body of a request as it comes, no faster than it is asked for, never more than `maxBytes` of it.
 * A reader that leaves early has the rest thrown away as it comes, so that the peer can read its answer.
 */
export function bodyParts(request: IncomingMessage, maxBytes: number): AsyncIterable<Uint8Array> {
  if (maxBytes === Infinity) liftTimeout(request);
  return readParts(request, maxBytes);
}

async function* readParts(
  request: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (Number(firstLine(request.rawHeaders, "content-length") ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  let size = 0;
  try {
    // The socket has to live on for the answer when the reader leaves.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const part = chunk as Buffer; // no encoding is set: chunks are Buffers
      size += part.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield part;
    }
  } catch (error) {
    throw size > maxBytes ? error : aborted(error);
  } finally {
    if (!request.readableEnded && !request.destroyed) request.resume();
  }
}

/** Takes a request off the list node's own `requestTimeout` goes by; node knows no other way than its parser's. */
function liftTimeout({ socket }: IncomingMessage): void {
  const { parser } = socket as { parser?: { remove?: () => void } | null }; // set by node:http, not in its types
  if (typeof parser?.remove === "function") parser.remove();
}
