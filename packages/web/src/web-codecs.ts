/**
 * The codecs of a page: the protobuf runtime's own functions, which a page has anyway, rather than the
 * composed ones of a server.
 */
import {
  create,
  type DescField,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  type Codec,
  contentSubtype,
  DecodeError,
  decodeUtf8,
  encodeUtf8,
} from "@kratosjs/core/encoding";
import type { ReplyCodecs } from "@kratosjs/core/http/protocols";

/** Proto JSON; fields at their zero value are not written. `registry` has the types that a google.protobuf.Any may hold. */
export function webJson(options: { readonly registry?: Registry } = {}): Codec {
  const reading = { ignoreUnknownFields: true, ...options };
  return {
    name: "json",
    contentType: "application/json",
    encoder: (schema) => (message) => encodeUtf8(JSON.stringify(toJson(schema, message, options))),
    decoder: (schema) => (bytes) =>
      decoded(() =>
        bytes.length === 0 ? create(schema) : fromJson(schema, parse(bytes), reading),
      ),
    fieldEncoder: (field) => (message) => {
      // a message is an object, or has a form of its own that has no fields
      const json = toJson(field.parent, message, options) as JsonObject;
      return encodeUtf8(JSON.stringify(json[field.jsonName] ?? zeroOf(field)));
    },
    fieldDecoder: (field) => (bytes) =>
      decoded(() =>
        bytes.length === 0
          ? create(field.parent)
          : fromJson(field.parent, { [field.jsonName]: parse(bytes) }, reading),
      ),
  };
}

/** Protobuf's binary form. */
export function webProto(): Codec {
  return {
    name: "proto",
    contentType: "application/proto",
    encoder: (schema) => (message) => toBinary(schema, message),
    decoder: (schema) => (bytes) => decoded(() => fromBinary(schema, bytes)),
  };
}

/** What answers are read by: the page's codecs and its own, which holds where names meet; else JSON. */
export function webCodecs(own: Codec): ReplyCodecs {
  const byName = new Map(
    [webJson(), webProto(), own].map((codec) => [codec.name.toLowerCase(), codec]),
  );
  return {
    fallback: byName.get("json") ?? own,
    forContentType: (contentType) => byName.get(contentSubtype(contentType)),
  };
}

function parse(bytes: Uint8Array): JsonValue {
  return JSON.parse(decodeUtf8(bytes)) as JsonValue; // what JSON.parse makes
}

function decoded<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new DecodeError(String(cause), { cause });
  }
}

/** What stands for a field that is not written. */
function zeroOf({ fieldKind }: DescField): JsonValue {
  if (fieldKind === "list") return [];
  return fieldKind === "map" ? {} : null;
}
