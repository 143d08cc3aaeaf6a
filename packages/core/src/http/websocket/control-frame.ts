import { fromError, isKratosError, KratosError, messageOf } from "../../errors/index.ts";

// The control messages of Kratos v3 are text messages that begin with a character no JSON begins with.
const mark = "\u001e";
const markByte = 0x1e;
const errorPrefix = `${mark}error:`;

/** Says that no message follows: the other side may still send. */
export const endFrame: string = `${mark}end`;

/** What a control message says. */
export type Control = { readonly kind: "end" } | { readonly kind: "error"; readonly text: string };

/** Says that the stream has failed. */
export function errorFrame(text: string): string {
  return `${errorPrefix}${text}`;
}

/** Reads a control message; undefined for a message that is none. */
export function parseControl(data: Uint8Array): Control | undefined {
  if (data[0] !== markByte) return undefined;
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  if (text === endFrame) return { kind: "end" };
  if (!text.startsWith(errorPrefix)) return undefined;
  return { kind: "error", text: text.slice(errorPrefix.length) };
}

/** Whether a message would be taken for a control message in a text frame. */
export function looksLikeControl(data: Uint8Array): boolean {
  return data[0] === markByte;
}

/** The text of an error on the wire: Go's text of a Kratos error, the bare message of any other. Causes are not sent. */
export function errorTextOf(error: unknown): string {
  return isKratosError(error) ? fromError(error).withCause(null).format() : messageOf(error);
}

const goHead = /^error: code = (\d{3}) reason = (\w*) message = /;

/** The error of a text: code, reason and message where it is Go's text of a Kratos error, else a 500 with the text. */
export function errorFromText(text: string): KratosError {
  const [head = "", code, reason = ""] = goHead.exec(text) ?? [];
  // The message may hold the very words that follow it: theirs are the last ones.
  const cause = text.lastIndexOf("] cause = ");
  const end = cause === -1 ? -1 : text.lastIndexOf(" metadata = map[", cause);
  if (code === undefined || end < head.length) return new KratosError(text);
  return new KratosError(text.slice(head.length, end), { code: Number(code), reason });
}

const maxReasonBytes = 123;

/** As much of a text as a close frame can hold, cut between characters (RFC 6455, 5.5). */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxReasonBytes) return text;
  let end = maxReasonBytes;
  // a byte 10xxxxxx goes on with the character before it
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
