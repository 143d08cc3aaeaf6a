import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { Codec, MessageDecoder, MessageEncoder, MessageTextEncoder } from "./codec.ts";
import { type MemberPlace, memberOf, messageAround } from "./message-member.ts";

/** What of a message is the body: the whole of it, or one field. */
export interface BodyShape {
  readonly schema: DescMessage;
  /** The field that is the body; absent, the whole message is. */
  readonly field?: DescField | undefined;
}

/**
 * Composes the decoder of a body that fills a message, wholly or in one field.
 * @throws TypeError where the codec has no form for such a field on its own
 */
export function createBodyDecoder(codec: Codec, shape: BodyShape): MessageDecoder {
  const { schema, field } = shape;
  if (field === undefined) return codec.decoder(schema);
  if (codec.fieldDecoder !== undefined) return codec.fieldDecoder(field);
  const place = { schema, field: memberField(codec, field) };
  const decode = codec.decoder(place.field.message);
  return (bytes) => messageAround(decode(bytes), place);
}

/**
 * Composes the encoder of a body: takes the message, writes the whole of it or the one field.
 * @throws TypeError where the codec has no form for such a field on its own
 */
export function createBodyEncoder(codec: Codec, shape: BodyShape): MessageEncoder {
  const { schema, field } = shape;
  if (field === undefined) return codec.encoder(schema);
  if (codec.fieldEncoder !== undefined) return codec.fieldEncoder(field);
  const place = { schema, field: memberField(codec, field) };
  const member = place.field.message;
  const encode = codec.encoder(member);
  return (message) => encode(memberOf(message, place) ?? create(member));
}

/**
 * Composes the encoder of a body as `createBodyEncoder` does; to text where the codec can do that.
 * @throws TypeError where the codec has no form for such a field on its own
 */
export function createReplyEncoder(
  codec: Codec,
  shape: BodyShape,
): MessageEncoder | MessageTextEncoder {
  const text = shape.field === undefined ? codec.textEncoder?.(shape.schema) : undefined;
  return text ?? createBodyEncoder(codec, shape);
}

function memberField(codec: Codec, field: DescField): MemberPlace["field"] {
  if (field.fieldKind === "message") return field;
  throw new TypeError(
    `Cannot carry field "${field.parent.typeName}.${field.name}" alone in a body as codec "${codec.name}" only knows whole messages: current value is a ${field.fieldKind} field`,
  );
}
