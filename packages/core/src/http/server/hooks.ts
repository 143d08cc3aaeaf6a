import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import type { Exchange } from "../wire/exchange.ts";

/**
 * Makes the request of a body: a message of `call.schema`, in which only `call.field` is set where there
 * is one. A KratosError it throws is the answer; anything else is 400 CODEC.
 */
export type RequestDecoder = (body: Uint8Array, call: BodyCall) => Message;

/** Answers a reply, of which `call.field` alone is the body where there is one: calls `exchange.reply`. */
export type ResponseEncoder = (reply: Message, call: ReplyCall) => void;

/** Answers an error: calls `exchange.reply`. */
export type ErrorEncoder = (error: unknown, exchange: Exchange) => void;

/**
 * Fills `call.message` with path variables or with a query. A KratosError it throws is the answer; anything
 * else is 400 CODEC.
 */
export type ValuesDecoder = (
  values: ReadonlyMap<string, readonly string[]>,
  call: ValuesCall,
) => void;

/** What values are for. */
export interface ValuesCall {
  readonly schema: DescMessage;
  /** A message of this schema, with what came before: the body, then the query, then the path variables. */
  readonly message: Message;
}

/** What a body belongs to. */
export interface BodyCall {
  readonly exchange: Exchange;
  readonly schema: DescMessage;
  /** The field that is the body; undefined where the whole message is. */
  readonly field: DescField | undefined;
}

/** What a reply belongs to. */
export interface ReplyCall extends BodyCall {
  /** The status it is to have. */
  readonly status: number;
}
