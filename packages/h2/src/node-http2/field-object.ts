import type { OutgoingHttpHeaders } from "node:http2";
import type { HeaderBlock, OutgoingHeaders } from "../contract.ts";

/** Headers as node:http2 takes them: an object, with an array where a name has several values. */
export function fieldObject(headers: OutgoingHeaders): OutgoingHttpHeaders {
  const fields = "fields" in headers ? headers.fields : headers;
  const object: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    const before = object[name];
    if (before === undefined) object[name] = value;
    else object[name] = [before, value].flat();
  }
  return object;
}

/** Headers as node:http2 has received them: names and values by turns. */
export function rawBlock(raw: unknown): HeaderBlock {
  const fields = Array.isArray(raw) ? raw.map(String) : [];
  return { fields: Object.freeze(fields), parsed: undefined };
}
