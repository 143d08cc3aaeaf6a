import { validateHeaderName, validateHeaderValue } from "node:http";
import { type EncodedHeaders, encodeHeaders, type OutgoingHeaders } from "@kratosjs/h2";
import { checkStatus } from "./check-status.ts";
import { isFraming } from "./framing.ts";
import { httpDate } from "./http-date.ts";

const longestCache = 64;
const heads: Map<string, EncodedHeaders> = new Map();
let headsDate = "";

/**
 * The header block of a whole answer. Most answers are a 200 with a content type: their blocks are encoded
 * once a second, for the date in them, and only the length is put behind.
 */
export function wholeReplyFields(
  status: number,
  headers: readonly string[],
  length: number | undefined,
): OutgoingHeaders {
  if (
    status === 200 &&
    headers.length === 2 &&
    headers[0] === "Content-Type" &&
    length !== undefined
  )
    return new SizedHead(commonHead(headers[1] ?? ""), length);
  const fields = replyFields(status, headers, { sized: true });
  if (length !== undefined) fields.push("content-length", String(length));
  return fields;
}

/**
 * The header block of an answer: names in lower case, without what belongs to one connection of HTTP/1.1.
 * @throws {TypeError} If a name or a value cannot be sent.
 * @throws {RangeError} If the status is none of 200 to 999.
 */
export function replyFields(
  status: number,
  headers: readonly string[],
  options: { readonly sized: boolean },
): string[] {
  checkStatus(status);
  const fields = [":status", String(status)];
  let dated = false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? "").toLowerCase();
    const value = headers[at + 1] ?? "";
    if (isFraming(name) && (options.sized || name !== "content-length")) continue;
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (name === "date") dated = true;
    fields.push(name, value.trim());
  }
  if (!dated) fields.push("date", httpDate());
  return fields;
}

/** An encoded block with the content-length behind it; the bytes never depend on the connection. */
class SizedHead implements EncodedHeaders {
  readonly bytes: Uint8Array;
  readonly #head: EncodedHeaders;
  readonly #length: number;

  constructor(head: EncodedHeaders, length: number) {
    const digits = String(length);
    const { bytes } = head;
    const at = bytes.length;
    const all = Buffer.allocUnsafe(at + 3 + digits.length);
    all.set(bytes, 0);
    // A literal that no table keeps, RFC 7541 section 6.2.2; its name is entry 28 of the static table.
    all[at] = 0x0f;
    all[at + 1] = 0x0d;
    all[at + 2] = digits.length;
    all.write(digits, at + 3, "latin1");
    this.bytes = all;
    this.#head = head;
    this.#length = length;
  }

  get fields(): readonly string[] {
    return [...this.#head.fields, "content-length", String(this.#length)];
  }
}

function commonHead(contentType: string): EncodedHeaders {
  const date = httpDate();
  if (date !== headsDate) heads.clear();
  headsDate = date;
  const known = heads.get(contentType);
  if (known !== undefined) return known;
  if (heads.size >= longestCache) heads.clear();
  validateHeaderValue("content-type", contentType);
  const head = encodeHeaders([":status", "200", "content-type", contentType.trim(), "date", date]);
  heads.set(contentType, head);
  return head;
}
