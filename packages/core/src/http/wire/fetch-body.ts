import { within } from "./body-parts.ts";
import { aborted, alreadyRead, checkBody, tooLarge } from "./read-body.ts";

/** How long a host may take for the body of a request, in milliseconds; 0 is for ever. */
export interface FetchBodyTimes {
  /** For all of one that is read whole. */
  readonly requestTimeoutMs: number;
  /** For more of one that is read in pieces. */
  readonly bodyIdleTimeoutMs: number;
}

/** The body of a Request of the fetch standard, read as an exchange reads it. */
export class FetchBody {
  readonly #request: Request;
  readonly #times: FetchBodyTimes;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(request: Request, times: FetchBodyTimes) {
    this.#request = request;
    this.#times = times;
  }

  /** Reads it whole; see `Exchange.readBody`. */
  read(rawHeaders: readonly string[], maxBytes: number): Promise<Uint8Array> {
    try {
      checkBody(rawHeaders, maxBytes);
    } catch (error) {
      return Promise.reject(error);
    }
    const whole = joined(this.#parts(maxBytes, 0));
    return within(this.#times.requestTimeoutMs, whole, this.leave);
  }

  /** Reads it as it comes; see `Exchange.body`. */
  parts(maxBytes: number): AsyncIterable<Uint8Array> {
    return this.#parts(maxBytes, maxBytes === Infinity ? 0 : this.#times.bodyIdleTimeoutMs);
  }

  /** Lets a reader that waits go on, and the host throw the rest away. */
  readonly leave = (): void => {
    this.#reader?.cancel().catch(ignore);
  };

  async *#parts(
    maxBytes: number,
    idleTimeoutMs: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { body, bodyUsed, signal } = this.#request;
    if (body === null) return;
    if (bodyUsed || body.locked) throw alreadyRead();
    const reader = body.getReader();
    this.#reader = reader;
    let size = 0;
    try {
      for (;;) {
        const part = await within(idleTimeoutMs, reader.read().catch(failed), this.leave);
        if (signal.aborted) throw aborted(signal.reason);
        if (part.done) return;
        size += part.value.length;
        if (size > maxBytes) throw tooLarge(maxBytes);
        yield part.value;
      }
    } finally {
      this.leave();
    }
  }
}

async function joined(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  const [only] = all;
  return all.length === 1 && only !== undefined ? only : Buffer.concat(all);
}

function failed(cause: unknown): never {
  throw aborted(cause);
}

/** A body that cannot be thrown away has failed, and nobody reads it any more. */
function ignore(): void {}
