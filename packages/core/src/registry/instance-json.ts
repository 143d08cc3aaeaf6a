import type { ServiceInstance } from "./service-instance.ts";

/**
 * Writes an instance as the JSON Go Kratos stores: id, name, version, metadata, endpoints, in this
 * order, metadata sorted by key.
 */
export function encodeInstance(instance: ServiceInstance): string {
  const { id, name, version, metadata, endpoints } = instance;
  return JSON.stringify({ id, name, version, metadata: sorted(metadata), endpoints });
}

function sorted(metadata: ServiceInstance["metadata"]): Record<string, string> {
  // Keys that look like numbers come first whatever is done here; readers compare parsed JSON.
  const keys = Object.keys(metadata).toSorted();
  return Object.fromEntries(keys.map((key) => [key, metadata[key] ?? ""]));
}

/**
 * Reads an instance from JSON text. Members that are missing or null are empty, unknown ones are ignored.
 * @throws {SyntaxError} If the text is not JSON.
 * @throws {TypeError} If a member has the wrong type.
 */
export function decodeInstance(text: string): ServiceInstance {
  return toInstance(JSON.parse(text));
}

/**
 * Reads an instance from a parsed JSON value, by the rules of `decodeInstance`.
 * @throws {TypeError} If the value or a member has the wrong type.
 */
export function toInstance(value: unknown): ServiceInstance {
  if (!isRecord(value)) throw mistyped("the record", "an object", value);
  return {
    id: toText(value["id"], "'id'"),
    name: toText(value["name"], "'name'"),
    version: toText(value["version"], "'version'"),
    metadata: toMetadata(value["metadata"] ?? {}),
    endpoints: toEndpoints(value["endpoints"] ?? []),
  };
}

function toMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw mistyped("'metadata'", "an object", value);
  const metadata: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(value)) {
    if (key !== "__proto__") metadata[key] = toText(text, "each value of 'metadata'");
  }
  return metadata;
}

function toEndpoints(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw mistyped("'endpoints'", "an array", value);
  return value.map((endpoint: unknown) => toText(endpoint, "each of 'endpoints'"));
}

function toText(value: unknown, what: string): string {
  const text = value ?? "";
  if (typeof text !== "string") throw mistyped(what, "a string", value);
  return text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mistyped(what: string, wanted: string, value: unknown): TypeError {
  const found = Array.isArray(value)
    ? "an array"
    : value === null
      ? "null"
      : `of type ${typeof value}`;
  return new TypeError(
    `Cannot decode a service instance as ${what} must be ${wanted}: current value is ${found}`,
  );
}
