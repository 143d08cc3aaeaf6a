import type { DescMessage, Message } from "@bufbuild/protobuf";
import { equals, fromBinary, toBinary, toJsonString } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";

/** How two messages are compared. */
export interface Sameness {
  /** Whether a message without any field is as good as none: a query has no word for it. */
  readonly emptyIsUnset: boolean;
}

/** Throws where two messages differ. */
export function assertSame(
  schema: DescMessage,
  messages: { readonly sent: Message; readonly received: Message },
  { emptyIsUnset }: Sameness,
): void {
  const sent = copyOf(schema, messages.sent);
  const received = copyOf(schema, messages.received);
  if (emptyIsUnset) for (const each of [sent, received]) dropEmpty(reflect(schema, each));
  if (equals(schema, sent, received)) return;
  const [left, right] = [sent, received].map((each) => toJsonString(schema, each));
  // NaN is no equal of itself, but of the same text.
  if (left !== right) throw new Error(`sent ${left}, received ${right}`);
}

// Through the binary form, as a number of 32 bits has many numbers of JavaScript.
function copyOf(schema: DescMessage, message: Message): Message {
  return fromBinary(schema, toBinary(schema, message));
}

function dropEmpty(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (field.fieldKind !== "message" || !message.isSet(field)) continue;
    const inner = message.get(field);
    const isWrapper = /^google\.protobuf\.\w+Value$/.test(field.message.typeName);
    if (isWrapper) continue;
    dropEmpty(inner);
    if (toBinary(field.message, inner.message).length === 0) message.clear(field);
  }
}
