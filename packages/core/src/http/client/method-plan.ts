import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Dispatcher } from "undici";
import {
  type Codec,
  createBodyDecoder,
  createBodyEncoder,
  type MessageDecoder,
} from "../../encoding/index.ts";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import { operationName } from "../../rpc/index.ts";
import { bindingsOf, createBinding, createRequestBuilder } from "../rules/index.ts";

/** A request as it goes out. */
export interface PlannedRequest {
  readonly path: string;
  readonly body: Uint8Array | undefined;
}

/** All of a method that can be known before it is called. */
export interface MethodPlan {
  readonly method: DescMethod;
  readonly httpMethod: Dispatcher.HttpMethod;
  /** The Content-Type of bodies. */
  readonly contentType: string;
  /** What is asked for. */
  readonly accept: string;
  /** @throws {TypeError} If a path variable is empty or does not fit. */
  build(message: Message): PlannedRequest;
  /** Reads a reply by its Content-Type. @throws {DecodeError} */
  decode(body: Uint8Array, contentType: string): Message;
}

/**
 * Plans the calls of a method: by its first google.api.http rule, else by its RPC path.
 * @throws {TypeError} If the rule is impossible.
 */
export function planMethod(method: DescMethod, codec: Codec): MethodPlan {
  const name = operationName(method);
  const [
    binding = createBinding(method, { httpMethod: "POST", path: name, body: "*", place: name }),
  ] = bindingsOf(method);
  const build = createRequestBuilder(method.input, binding);
  const { body, responseBody } = binding;
  const field = body === "*" ? undefined : body;
  const encode =
    body === undefined ? undefined : createBodyEncoder(codec, { schema: method.input, field });
  const decodeReply = replyDecoder(codec, { schema: method.output, field: responseBody });
  return {
    method,
    httpMethod: binding.httpMethod === "*" ? "POST" : binding.httpMethod,
    contentType: codec.contentType,
    accept: method.methodKind === "unary" ? codec.contentType : "text/event-stream",
    build(message) {
      const { path, body: content } = build(message);
      return { path, body: content === undefined ? undefined : encode?.(content) };
    },
    decode: decodeReply,
  };
}

/** A peer may answer in another codec than the one asked for; one it does not name is taken for JSON, as in Go. */
function replyDecoder(
  codec: Codec,
  shape: Parameters<typeof createBodyDecoder>[1],
): MethodPlan["decode"] {
  const codecs = defaultCodecs().with(codec);
  const decoders = new Map<Codec, MessageDecoder>();
  return (body, contentType) => {
    const { codec: found } = codecs.select([contentType]);
    let decode = decoders.get(found);
    if (decode === undefined) {
      decode = createBodyDecoder(found, shape);
      decoders.set(found, decode);
    }
    return decode(body);
  };
}
