import { type Context, createSharedContextKey } from "../context/index.ts";
import type { Fields } from "./logger.ts";

/** The fields of a record or a context that has none. */
export const noFields: Fields = Object.freeze({});
const fieldsKey = /* @__PURE__ */ createSharedContextKey<Fields>("log/fields", noFields);

/** A context whose records carry these fields too, after their own; written by loggers bound to it with `withContext`. */
export function contextWithFields(context: Context, fields: Fields): Context {
  return context.with(fieldsKey, { ...context.get(fieldsKey), ...fields });
}

/** The fields that `contextWithFields` has put into a context; empty when there are none. */
export function fieldsFromContext(context: Context): Fields {
  return context.get(fieldsKey);
}
