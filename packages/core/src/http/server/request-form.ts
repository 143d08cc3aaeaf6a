import { parseQuery } from "../../encoding/form/index.ts";
import { decodeUtf8 } from "../../encoding/index.ts";

/** The values of a form by name. */
export type FormValues = ReadonlyMap<string, readonly string[]>;

/** Whether a body is a form: of a method that has bodies, and url-encoded. */
export function hasForm(method: string, contentType: string | undefined): boolean {
  const [type = ""] = (contentType ?? "").split(";", 1);
  const isForm = type.trim().toLowerCase() === "application/x-www-form-urlencoded";
  return isForm && (method === "POST" || method === "PUT" || method === "PATCH");
}

/**
 * Joins the values of a body and of a query; those of the body are first.
 * @throws DecodeError
 */
export function parseForm(body: Uint8Array, query: string): FormValues {
  const values = parseQuery(decodeUtf8(body));
  for (const [name, texts] of parseQuery(query)) {
    values.set(name, [...(values.get(name) ?? []), ...texts]);
  }
  return values;
}
