import type { IncomingMessage } from "node:http";
import { onDeadline } from "../../context/index.ts";
import { firstLine } from "./header-lines.ts";
import { aborted, assertUnread, tooLarge, tooSlow } from "./read-body.ts";

/** How a body is read in pieces. */
export interface BodyPartsOptions {
  /** `Infinity` makes it a stream, which may be silent. */
  readonly maxBytes: number;
  /** Milliseconds until some of it has to come; 0 is for ever. */
  readonly idleTimeoutMs: number;
  /** Hears that nothing came in time. */
  readonly onIdle: () => void;
}

/**
 * The body of a request as it comes, no faster than it is asked for, never more than `maxBytes` of it.
 * A reader that leaves early has the rest thrown away as it comes, so that the peer can read its answer.
 */
export function bodyParts(
  request: IncomingMessage,
  options: BodyPartsOptions,
): AsyncIterable<Uint8Array> {
  liftTimeout(request);
  return readParts(request, options);
}

async function* readParts(
  request: IncomingMessage,
  { maxBytes, idleTimeoutMs, onIdle }: BodyPartsOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  assertUnread(request);
  // The socket has to live on for the answer when the reader leaves.
  const parts: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false }); // no encoding is set: Buffers
  const patienceMs = maxBytes === Infinity ? 0 : idleTimeoutMs;
  let size = 0;
  try {
    if (Number(firstLine(request.rawHeaders, "content-length") ?? 0) > maxBytes) {
      throw tooLarge(maxBytes);
    }
    for (;;) {
      const { done, value } = await within(patienceMs, nextPart(parts), onIdle);
      if (done === true) return;
      size += value.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield value;
    }
  } finally {
    void parts.return?.().then(() => dropRest(request, idleTimeoutMs));
  }
}

async function nextPart(parts: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer, unknown>> {
  try {
    return await parts.next();
  } catch (error) {
    throw aborted(error);
  }
}

/** Waits no longer than this for a promise, 0 being for ever: then it calls back and rejects with a 408. */
export function within<T>(timeoutMs: number, promise: Promise<T>, onIdle: () => void): Promise<T> {
  if (timeoutMs <= 0) return promise;
  return new Promise((resolve, reject) => {
    const deadline = onDeadline(Date.now() + timeoutMs, () => {
      onIdle();
      reject(tooSlow(timeoutMs));
    });
    void promise.then(resolve, reject).finally(() => deadline.cancel());
  });
}

/** Throws away what still comes, for so long that a peer can read its answer, not for ever. */
function dropRest(request: IncomingMessage, timeoutMs: number): void {
  if (request.readableEnded || request.destroyed) return;
  request.resume();
  if (timeoutMs <= 0) return;
  const deadline = onDeadline(Date.now() + timeoutMs, () => request.destroy());
  request.once("close", () => deadline.cancel());
  request.once("end", () => deadline.cancel());
}

/** Takes a request off the list node's own `requestTimeout` goes by; node knows no other way than its parser's. */
function liftTimeout({ socket }: IncomingMessage): void {
  const { parser } = socket as { parser?: { remove?: () => void } | null }; // set by node:http, not in its types
  if (typeof parser?.remove === "function") parser.remove();
}
