/**
 * Calls `done` once when a call is over: when it throws, when it answers a message, or when the
 * stream it answered ends, fails or is left, begun or not. Answers what the call answers.
 */
export function settle(
  call: () => Promise<unknown>,
  done: (error?: unknown) => void,
): Promise<unknown> {
  let reply: Promise<unknown>;
  try {
    reply = call();
  } catch (error) {
    reply = Promise.reject(error);
  }
  return reply.then(
    (value) => {
      if (isAsyncIterable(value)) return watched(value, done);
      done();
      return value;
    },
    (error: unknown) => {
      done(error);
      throw error;
    },
  );
}

/** Whether the value is a stream of messages. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** A generator would not hear that it is left before its first message. */
function watched(
  stream: AsyncIterable<unknown>,
  done: (error?: unknown) => void,
): AsyncIterableIterator<unknown> {
  const messages = stream[Symbol.asyncIterator]();
  let isOver = false;
  const end = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    done(error);
  };
  const failed = (error: unknown): never => {
    end(error);
    throw error;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const result = await messages.next().catch(failed);
      if (result.done === true) end();
      return result;
    },
    async return(value?: unknown) {
      const result = await messages.return?.(value).catch(failed);
      end();
      return result ?? { done: true, value };
    },
  };
}
