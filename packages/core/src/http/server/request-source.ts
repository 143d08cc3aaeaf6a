import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { parseQuery } from "../../encoding/form/index.ts";
import { badRequest, isKratosError, messageOf } from "../../errors/index.ts";
import { createRequestReader, type HttpBinding, type RequestReader } from "../rules/index.ts";
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
  const read = requestReader(schema, binding, edge);
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

/** The reader of a binding, with the decoders a server has of its own in place of its parts. */
function requestReader(schema: DescMessage, binding: HttpBinding, edge: Edge): RequestReader {
  const read = createRequestReader(schema, binding);
  const { requestVarsDecoder: decodeVars, requestQueryDecoder: decodeQuery } = edge;
  if (decodeVars === undefined && decodeQuery === undefined) return read;
  const names = binding.template.variables.map(({ name }) => name);
  return ({ body, query, variables }) => {
    const message = body ?? create(schema);
    if (decodeQuery === undefined) read({ body: message, query, variables: [] });
    else if (query !== "" && binding.body !== "*") {
      decodeQuery(parseQuery(query), { schema, message });
    }
    if (decodeVars === undefined) return read({ body: message, query: "", variables });
    const values = names.map((name, at) => [name, [variables[at] ?? ""]] as const);
    if (values.length > 0) decodeVars(new Map(values), { schema, message });
    return message;
  };
}
