import type { Context } from "../../context/index.ts";
import { frameMessage } from "../../encoding/framing/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import { chain, isAsyncIterable, type MiddlewareTable } from "../../middleware/index.ts";
import type { MessageFormat } from "../wire/message-format.ts";
import { inContentType, type Route } from "./route.ts";

/**
 * Answers a call of a method that no registered service has, messages in and out as their bytes, decompressed: a
 * proxy, or a fallback. The operation and the metadata are those of the call's transport.
 */
export type UnknownService = (
  messages: AsyncIterable<Uint8Array>,
  ctx: Context,
) => AsyncIterable<Uint8Array>;

const bytesFormat: MessageFormat = {
  decode: (bytes) => bytes as never, // no schema says what it is
  frame(message: unknown) {
    if (message instanceof Uint8Array) return frameMessage(message, false);
    throw grpcFailure(
      "INTERNAL",
      `a message of \`unknownService\` must be bytes: it is ${typeof message}`,
    );
  },
};

/** Makes the routes of methods that no service has, inside the middlewares a stream has. */
export function unknownRoutes(
  service: UnknownService,
  table: MiddlewareTable,
): (path: string) => Route {
  const handler = async (messages: unknown, ctx: Context): Promise<unknown> => {
    const replies = service(messages as AsyncIterable<Uint8Array>, ctx); // what `bytesFormat` has decoded
    if (isAsyncIterable(replies)) return replies;
    throw new TypeError(
      `Cannot answer as \`unknownService\` must return an AsyncIterable: current value is ${typeof replies}`,
    );
  };
  return (path: string): Route => ({
    operation: path,
    method: undefined,
    kind: "bidi_streaming",
    handler: chain(...table.match(path))(handler),
    formatOf: (subtype) => inContentType(bytesFormat, subtype),
    standing: false,
  });
}
