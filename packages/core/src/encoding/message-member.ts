import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";

/** A field that holds one message, and the message it is of. */
export interface MemberPlace {
  readonly schema: DescMessage;
  readonly field: DescField & { readonly fieldKind: "message" };
}

/** The message in a field; undefined where it is not set. */
export function memberOf(message: Message, { schema, field }: MemberPlace): Message | undefined {
  const parent = reflect(schema, message);
  return parent.isSet(field) ? parent.get(field).message : undefined;
}

/** Makes a message that holds this in a field, and nothing else. */
export function messageAround(member: Message, { schema, field }: MemberPlace): Message {
  const parent = reflect(schema);
  parent.set(field, reflect(field.message, member));
  return parent.message;
}
