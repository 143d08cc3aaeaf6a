import type { DescField, DescMethod, Message } from "@bufbuild/protobuf";
import type { ReplyHead } from "./http-sender.ts";

/** What stands in place of the codecs of REST calls. A hook that answers undefined leaves it to the codec. */
export interface RestHooks {
  /** Writes the bodies of requests that are no google.api.HttpBody. @default the codec of the call */
  readonly requestEncoder?: RequestEncoder | undefined;
  /** Reads the bodies of replies that are no stream. @default the codec of their Content-Type */
  readonly responseDecoder?: ResponseDecoder | undefined;
  /** Reads answers whose status is not 200 to 299. @default a Kratos error in the codec of their Content-Type */
  readonly errorDecoder?: ErrorDecoder | undefined;
}

/**
 * Writes the body of a request: the message, of which `call.field` alone is the body where there is one.
 * What it throws fails the call with 400 CODEC.
 */
export type RequestEncoder = (message: Message, call: RequestBodyCall) => Uint8Array | undefined;

/**
 * Makes the reply of a body: a message of `call.method.output`, in which only `call.field` is set where
 * there is one. A KratosError it throws is the call's; anything else is 500 CODEC.
 */
export type ResponseDecoder = (body: Uint8Array, call: ReplyBodyCall) => Message | undefined;

/** Makes the error a call fails with of an answer's body. */
export type ErrorDecoder = (body: Uint8Array, reply: ReplyHead) => Error | undefined;

/** What the body of a request belongs to. */
export interface RequestBodyCall {
  readonly method: DescMethod;
  /** The field that is the body; undefined where the whole message is. */
  readonly field: DescField | undefined;
  /** The Content-Type it is sent with. */
  readonly contentType: string;
}

/** What the body of a reply belongs to. */
export interface ReplyBodyCall extends ReplyHead {
  readonly method: DescMethod;
  /** The field that is the body; undefined where the whole message is. */
  readonly field: DescField | undefined;
}
