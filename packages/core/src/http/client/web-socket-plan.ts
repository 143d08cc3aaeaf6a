import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import {
  type Codec,
  createBodyDecoder,
  createBodyEncoder,
  type MessageDecoder,
  type MessageEncoder,
} from "../../encoding/index.ts";
import { bindingsOf, createRequestBuilder } from "../rules/index.ts";

/** All of a method's WebSockets that can be known before there is one. */
export interface WebSocketPlan {
  readonly method: DescMethod;
  readonly contentType: string;
  /** Whether the path is made of the first message. */
  readonly needsFirst: boolean;
  /** The path, and the query where a field is streamed alone. @throws {TypeError} If a path variable is empty or does not fit. */
  path(first: Message | undefined): string;
  readonly encode: MessageEncoder;
  readonly decode: MessageDecoder;
}

/**
 * Plans the WebSockets of a method by its first google.api.http rule; undefined without one.
 * @throws {TypeError} If the rule is impossible.
 */
export function planWebSocket(method: DescMethod, codec: Codec): WebSocketPlan | undefined {
  const [binding] = bindingsOf(method);
  if (binding === undefined) return undefined;
  const field = binding.body === "*" ? undefined : binding.body;
  // A frame holds the whole message, or the one field: only then has the rest to go in the query.
  const build = createRequestBuilder(method.input, { ...binding, body: field ?? "*" });
  return {
    method,
    contentType: codec.contentType,
    needsFirst: field !== undefined || binding.variables.length > 0,
    path: (first = create(method.input)) => build(first).path,
    encode: createBodyEncoder(codec, { schema: method.input, field }),
    decode: createBodyDecoder(codec, { schema: method.output, field: binding.responseBody }),
  };
}
