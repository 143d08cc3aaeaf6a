import type { DescMessage, Message } from "@bufbuild/protobuf";
import { badRequest, isKratosError, messageOf } from "../../errors/index.ts";
import { createRequestReader, type HttpBinding } from "../rules/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { createBodyReader } from "./body-reader.ts";
import type { Edge } from "./edge.ts";
import type { RouteParts } from "./route.ts";

/**
 * How a binding's message comes out of an exchange: `readBody` where `needsBody` says there may be one,
 * then `read`. Two steps, so that requests without a body are not made to wait.
 */
export interface RequestSource {
  needsBody(exchange: Exchange): boolean;
  /** @throws {KratosError} 400 CODEC, 413 BODY_TOO_LARGE */
  readBody(exchange: Exchange): Promise<Message | undefined>;
  /** @throws {KratosError} 400 CODEC */
  read(parts: RouteParts, body: Message | undefined): Message;
}

/** Composes the source of a binding's requests. */
export function createRequestSource(
  schema: DescMessage,
  binding: HttpBinding,
  edge: Edge,
): RequestSource {
  const { body } = binding;
  const read = createRequestReader(schema, binding);
  const field = body === "*" ? undefined : body;
  return {
    needsBody: body === undefined ? () => false : (exchange) => exchange.hasBody,
    readBody: createBodyReader({ schema, field }, edge),
    read({ query, variables }, message) {
      try {
        return read({ body: message, query, variables });
      } catch (error) {
        if (isKratosError(error)) throw error;
        throw badRequest("CODEC", messageOf(error), { cause: error });
      }
    },
  };
}
