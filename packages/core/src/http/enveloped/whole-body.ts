import type { Exchange } from "../wire/exchange.ts";

/** The body of an exchange in one part, read whole when it is asked for: cheaper than as it comes. */
export function wholeBody(exchange: Exchange, maxBytes: number): AsyncIterable<Uint8Array> {
  let read = false;
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        if (read) return Promise.resolve(end);
        read = true;
        return exchange.readBody(maxBytes).then((value) => ({ done: false, value }));
      },
    }),
  };
}

const end = { done: true, value: undefined } as const;
