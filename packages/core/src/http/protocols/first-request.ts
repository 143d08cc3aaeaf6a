import type { Message } from "@bufbuild/protobuf";
import { type Context, onEnd } from "../../context/index.ts";
import { fromError } from "../../errors/index.ts";

/**
 * Takes the first message of a stream of requests, which the path is made of.
 * @throws {KratosError} If the source fails, or the call ends before.
 */
export function firstRequest(
  source: AsyncIterator<Message>,
  ctx: Context,
): Promise<IteratorResult<Message>> {
  return new Promise((resolve, reject) => {
    const watch = onEnd(ctx, (reason) => reject(fromError(reason)));
    source
      .next()
      .then(resolve, (error: unknown) => reject(fromError(error)))
      .finally(() => watch.cancel());
  });
}
