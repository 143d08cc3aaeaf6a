import type { Message } from "@bufbuild/protobuf";

/** What an event says besides its message. */
export interface SseFields {
  /** Where in the stream the message stands: what a peer that comes back has seen last. @default none */
  readonly id?: string;
  /** The name of the event; clients of Kratos read those named "message" alone. @default {"message"} */
  readonly event?: string;
  /** Milliseconds a browser waits before it comes back. @default none */
  readonly retryMs?: number;
}

// By the message itself, so that every layer between passes it on and other wires never see it.
const known = new WeakMap<Message, SseFields>();

/**
 * Says what the event of a message has besides; answers the same message, which a method yields. Where the
 * stream is no stream of events it changes nothing; a middleware that makes messages anew drops it.
 *
 *     yield sse(create(TickSchema, { price }), { id: String(at) });
 *
 * @throws {TypeError} If id or event have a line break, or the event is "error", which ends streams.
 * @throws {RangeError} If `retryMs` is no whole number of milliseconds.
 */
export function sse<M extends Message>(message: M, fields: SseFields): M {
  check("id", fields.id);
  check("event", fields.event);
  if (fields.event === "error") {
    throw new TypeError(
      'Cannot name an event as it must not be the one that ends streams: current value is "error"',
    );
  }
  const { retryMs = 0 } = fields;
  if (!Number.isSafeInteger(retryMs) || retryMs < 0) {
    throw new RangeError(
      `Cannot write an event as "retryMs" must be a whole number of milliseconds: current value is ${retryMs}`,
    );
  }
  return withFields(message, { ...fields });
}

/** Keeps what an event said besides its message; a peer's event is one line a field already. */
export function withFields<M extends Message>(message: M, fields: SseFields): M {
  known.set(message, fields);
  return message;
}

/** What the event of a message said besides: of a message read by a client, or one given to `sse`. */
export function sseFields(message: Message): SseFields {
  return known.get(message) ?? none;
}

const none: SseFields = {};

function check(name: string, value: string | undefined): void {
  if (value !== undefined && /[\r\n\0]/.test(value)) {
    throw new TypeError(
      `Cannot write an event as "${name}" must be one line: current value is ${JSON.stringify(value)}`,
    );
  }
}
