import { isAsyncIterable } from "../../middleware/index.ts";

/**
 * Answers the replies of a streaming method as what they must be.
 * @throws {TypeError} If a middleware has put something else in their place.
 */
export function replyStream(answer: unknown): AsyncIterable<unknown> {
  if (isAsyncIterable(answer)) return answer;
  throw new TypeError(
    `Cannot answer with a stream as the middlewares must pass an AsyncIterable on: current value is ${typeof answer}`,
  );
}
