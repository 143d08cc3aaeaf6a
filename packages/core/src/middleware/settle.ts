/**
 * Calls `done` once when a call is over: when it throws, when it answers a message, or when the
 * stream it answered ends, fails or is abandoned. Answers what the call answers.
 *
 * A stream that nobody begins to read never settles.
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

async function* watched(
  stream: AsyncIterable<unknown>,
  done: (error?: unknown) => void,
): AsyncGenerator<unknown> {
  let failure: { readonly error: unknown } | undefined;
  try {
    yield* stream;
  } catch (error) {
    failure = { error };
    throw error;
  } finally {
    if (failure === undefined) done();
    else done(failure.error);
  }
}
