import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import type { QueryPair } from "../../encoding/form/index.ts";
import { createFormWriter, formatQuery } from "../../encoding/form/index.ts";
import type { RequestBinding } from "./http-binding.ts";
import { createPathWriter } from "./path-writer.ts";

/** A request as it is sent. */
export interface BuiltRequest {
  /** The path, and the query where there is one. */
  readonly path: string;
  /** What the body encoder of the binding is to be given; undefined where there is no body. */
  readonly body: Message | undefined;
}

/**
 * Makes the request of a message.
 * @throws TypeError where a path variable is empty or does not fit its pattern, and for fields no query can carry
 */
export type RequestBuilder = (message: Message) => BuiltRequest;

/** Composes the builder of a binding: the query carries what path and body leave over, sorted by key. */
export function createRequestBuilder(schema: DescMessage, binding: RequestBinding): RequestBuilder {
  const { variables, write } = createPathWriter(schema, binding);
  const { body } = binding;
  if (body === "*") return (message) => ({ path: write(message), body: message });
  const writeQuery = queryWriter(schema, { body, variables });
  return (message) => {
    const pairs = writeQuery(message);
    const path = write(message);
    return {
      path: pairs.length === 0 ? path : `${path}?${formatQuery(pairs)}`,
      body: body && message,
    };
  };
}

interface Carried {
  readonly body: DescField | undefined;
  readonly variables: readonly (readonly DescField[])[];
}

function queryWriter(
  schema: DescMessage,
  { body, variables }: Carried,
): (message: Message) => readonly QueryPair[] {
  const omit = new Set<DescField>(body && [body]);
  const nested = new Set<string>();
  for (const fields of variables) {
    const [first] = fields;
    if (first !== undefined && fields.length === 1) omit.add(first);
    else nested.add(fields.map(({ jsonName }) => jsonName).join("."));
  }
  const write = createFormWriter(schema, omit);
  return (message) => {
    const pairs: QueryPair[] = [];
    write(message, pairs);
    return nested.size === 0 ? pairs : pairs.filter(([key]) => !nested.has(key));
  };
}
