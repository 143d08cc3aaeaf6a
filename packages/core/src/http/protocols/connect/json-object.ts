/** Whether a value that JSON.parse has made is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text as it is; "" for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
