import type { DescField, DescMessage, Message, MessageShape } from "@bufbuild/protobuf";

/** Turns a message into bytes. */
export type MessageEncoder<M extends Message = Message> = (message: M) => Uint8Array;

/** Turns a message into bytes behind `headBytes` that are free. */
export type HeadedMessageEncoder<M extends Message = Message> = (
  message: M,
  headBytes: number,
) => Uint8Array;

/** Turns a message into the text whose UTF-8 its encoder answers. */
export type MessageTextEncoder<M extends Message = Message> = (message: M) => string;

/** Turns bytes a peer sent into a message; throws a DecodeError when they are not one. */
export type MessageDecoder<M extends Message = Message> = (bytes: Uint8Array) => M;

/**
 * How messages look on a wire. Encoders and decoders are composed once for a schema, when a method is
 * registered, and then called for every message; composing twice gives equal functions.
 */
export interface Codec {
  /** The subtype of the content type. Registries compare it in lower case. */
  readonly name: string;
  /** What to send as Content-Type: `application/<name>`. */
  readonly contentType: string;
  encoder<D extends DescMessage>(schema: D): MessageEncoder<MessageShape<D>>;
  decoder<D extends DescMessage>(schema: D): MessageDecoder<MessageShape<D>>;
  /** Composes an encoder that leaves bytes free in front, for who sends messages in frames. Absent: it does not. */
  headedEncoder?<D extends DescMessage>(schema: D): HeadedMessageEncoder<MessageShape<D>>;
  /** Composes an encoder to text, where the form is text: wires that take text are spared the bytes. Absent: it is not. */
  textEncoder?<D extends DescMessage>(schema: D): MessageTextEncoder<MessageShape<D>>;
  /**
   * Composes an encoder of bodies that hold one field of a message and nothing else.
   * Absent: only fields that are messages can stand alone.
   */
  fieldEncoder?(field: DescField): MessageEncoder;
  /** The way back: a message of the field's parent, in which only this field is set. */
  fieldDecoder?(field: DescField): MessageDecoder;
  /** Encodes a plain value, for routes written by hand. Absent: the codec knows messages only. */
  encodeValue?(value: unknown): Uint8Array;
  /** @throws DecodeError */
  decodeValue?(bytes: Uint8Array): unknown;
}
