import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Exchange } from "../wire/exchange.ts";

/** Makes the message of a body. A KratosError it throws is the answer; anything else is 400 CODEC. */
export type RequestDecoder = (body: Uint8Array, call: BodyCall) => Message;

/** Answers a reply: calls `exchange.reply`. */
export type ResponseEncoder = (reply: Message, call: BodyCall) => void;

/** Answers an error: calls `exchange.reply`. */
export type ErrorEncoder = (error: unknown, exchange: Exchange) => void;

/** What a body belongs to. */
export interface BodyCall {
  readonly exchange: Exchange;
  /** The type of the message that is the body. */
  readonly schema: DescMessage;
}
