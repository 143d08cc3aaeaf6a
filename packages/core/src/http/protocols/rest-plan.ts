import type { DescField, DescMethod, Message } from "@bufbuild/protobuf";
import {
  type Codec,
  createBodyDecoder,
  createBodyEncoder,
  type MessageDecoder,
} from "../../encoding/index.ts";
import { type HttpBodyPlace, httpBodyPlace, rawRequestBody } from "../files/http-body-place.ts";
import { createRequestBuilder, requestBindingOf } from "../rules/index.ts";
import { codecOf } from "./codec-of.ts";
import type { ReplyCodecs } from "./protocol.ts";
import type { RestHooks } from "./rest-hooks.ts";

/** A request as it goes out. */
export interface PlannedRequest {
  readonly path: string;
  readonly body: Uint8Array | undefined;
  /** The Content-Type of a body that has its own. */
  readonly contentType?: string | undefined;
}

/** What a plan is made with. */
export interface RestPlanParts extends Pick<RestHooks, "requestEncoder"> {
  readonly codec: Codec;
  readonly codecs: ReplyCodecs;
}

/** All of a method's REST calls that can be known before there is one. */
export interface RestPlan {
  readonly method: DescMethod;
  readonly httpMethod: string;
  /** The Content-Type of bodies. */
  readonly contentType: string;
  /** Where the body of a request is raw, the google.api.HttpBody in its message. */
  readonly rawRequest: HttpBodyPlace | undefined;
  /** Whether replies are raw bodies, of any type: google.api.HttpBody. */
  readonly isRawReply: boolean;
  /** @throws {TypeError} If a path variable is empty or does not fit. */
  build(message: Message, contentType: string): PlannedRequest;
  /** The field that is the body of a reply; undefined where the whole message is. */
  readonly replyField: DescField | undefined;
  /** Reads a reply by its Content-Type. @throws {DecodeError} */
  decode(body: Uint8Array, contentType: string): Message;
}

/**
 * Plans the calls of a method: by its first google.api.http rule, else by its RPC path.
 * @throws {TypeError} If the rule is impossible.
 */
export function planRest(
  method: DescMethod,
  { codec, codecs, requestEncoder }: RestPlanParts,
): RestPlan {
  const binding = requestBindingOf(method);
  const build = createRequestBuilder(method.input, binding);
  const { body, responseBody } = binding;
  const field = body === "*" ? undefined : body;
  const raw = body === undefined ? undefined : httpBodyPlace({ schema: method.input, field });
  const rawReply = httpBodyPlace({ schema: method.output, field: responseBody });
  const encode =
    body === undefined ? undefined : createBodyEncoder(codec, { schema: method.input, field });
  return {
    method,
    httpMethod: binding.httpMethod === "*" ? "POST" : binding.httpMethod,
    contentType: codec.contentType,
    rawRequest: raw,
    isRawReply: rawReply !== undefined,
    replyField: responseBody,
    build(message, contentType) {
      const { path, body: content } = build(message);
      if (raw !== undefined) return { path, ...rawRequestBody(raw, message) };
      if (content === undefined) return { path, body: undefined };
      const own = requestEncoder?.(content, { method, field, contentType });
      return { path, body: own ?? encode?.(content) };
    },
    decode:
      rawReply === undefined
        ? replyDecoder(codecs, { schema: method.output, field: responseBody })
        : (data, contentType) => rawReply.wrap({ contentType, data }),
  };
}

/** A peer may answer in another codec than the one asked for; one it does not name is taken for JSON, as in Go. */
function replyDecoder(
  codecs: ReplyCodecs,
  shape: Parameters<typeof createBodyDecoder>[1],
): RestPlan["decode"] {
  const decoders = new Map<Codec, MessageDecoder>();
  return (body, contentType) => {
    const found = codecOf(codecs, contentType);
    let decode = decoders.get(found);
    if (decode === undefined) {
      decode = createBodyDecoder(found, shape);
      decoders.set(found, decode);
    }
    return decode(body);
  };
}
