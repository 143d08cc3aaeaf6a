/**
 * Proto JSON, the form of REST bodies: with the options of Go Kratos, so that a message written here reads
 * the same there. Registered as `json` and, for clients of v3, as `protojson`.
 */
import type {
  DescMessage,
  JsonReadOptions,
  JsonValue,
  MessageShape,
  Registry,
} from "@bufbuild/protobuf";
import { create, fromJson } from "@bufbuild/protobuf";
import type { Codec, MessageDecoder } from "../codec.ts";
import { contentTypeOf } from "../content-type.ts";
import { toDecodeError } from "../decode-error.ts";
import { fieldGetter, setOwn } from "../field-access.ts";
import { sanitizePlainValue } from "../plain-value.ts";
import { unusual } from "../unusual.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { quoteBigIntegers } from "./big-integers.ts";
import { fieldValueWriter } from "./field-writer.ts";
import { compileReader, type JsonReading } from "./compiled-reader.ts";
import { takeLongDigits } from "./long-digits.ts";
import { createMessageWriters } from "./message-writer.ts";
import { needsPreparing, prepareJson } from "./prepare-json.ts";

/** Settings of the json codec. */
export interface JsonCodecOptions {
  /** The name it is registered under. @default {"json"} */
  readonly name?: string;
  /** Whether fields at their zero value are written, and unset messages as null. @default {true} */
  readonly emitDefaults?: boolean;
  /** Whether enum values are written as numbers, not names. @default {false} */
  readonly enumAsNumber?: boolean;
  /** Whether fields are written under their proto names, not their JSON names; both are read. @default {false} */
  readonly protoNames?: boolean;
  /** Whether members the schema does not know are skipped on reading, not refused. @default {true} */
  readonly ignoreUnknown?: boolean;
  /** How deep messages and free values may nest in what is read. @default {100} */
  readonly maxDepth?: number;
  /** Types that a google.protobuf.Any may hold. @default {undefined} */
  readonly registry?: Registry | undefined;
}

const defaults = {
  name: "json",
  emitDefaults: true,
  enumAsNumber: false,
  protoNames: false,
  ignoreUnknown: true,
  maxDepth: 100,
  registry: undefined,
} satisfies Required<JsonCodecOptions>;

/** Makes a codec of proto JSON. An empty body reads as the empty message. */
export function jsonCodec(options: JsonCodecOptions = {}): Codec {
  const settings = { ...defaults, ...options };
  const { name, maxDepth, ignoreUnknown, registry } = settings;
  const writerOf = createMessageWriters(settings);
  const reading: JsonReadOptions = {
    ignoreUnknownFields: ignoreUnknown,
    recursionLimit: maxDepth,
    ...(registry && { registry }),
  };
  return {
    name,
    contentType: contentTypeOf(name),
    encoder(schema) {
      const write = writerOf(schema);
      return (message) => encodeUtf8(write(message));
    },
    textEncoder: (schema) => writerOf(schema),
    decoder: (schema) => messageDecoder(schema, { ...settings, reading }),
    fieldEncoder(field) {
      const get = fieldGetter(field);
      const write = fieldValueWriter(field, { ...settings, writerOf });
      return (message) => {
        const value = get(message);
        return encodeUtf8(value === undefined ? "null" : write(value));
      };
    },
    fieldDecoder: (field) => messageDecoder(field.parent, { ...settings, reading }, field.jsonName),
    encodeValue: (value) => encodeUtf8(JSON.stringify(value) ?? "null"),
    decodeValue(bytes) {
      try {
        return sanitizePlainValue(JSON.parse(decodeUtf8(bytes)), maxDepth);
      } catch (error) {
        throw toDecodeError(error);
      }
    },
  };
}

interface Reading extends JsonReading {
  /** The same for the library. */
  readonly reading: JsonReadOptions;
}

// With `member`, the text is the value of that member of the message.
function messageDecoder<D extends DescMessage>(
  schema: D,
  options: Reading,
  member?: string,
): MessageDecoder<MessageShape<D>> {
  const read = textReader(schema, options, (json) =>
    member === undefined ? json : membered(member, json),
  );
  return (bytes) => {
    if (bytes.length === 0) return create(schema);
    try {
      return read(decodeUtf8(bytes));
    } catch (error) {
      throw toDecodeError(error);
    }
  };
}

// ceiling: what the text is a part of goes with the schema and its options
function textReader<D extends DescMessage>(
  schema: D,
  options: Reading,
  whole: (json: JsonValue) => JsonValue,
): (text: string) => MessageShape<D> {
  const byLibrary = (text: string): MessageShape<D> => {
    const lossy = whole(parseJson(text));
    if (needsPreparing(text)) prepareJson(schema, lossy, options.maxDepth);
    const quoted = quoteBigIntegers(text);
    if (quoted === text) return fromJson(schema, lossy, options.reading);
    const exact = whole(parseJson(quoted));
    return fromJson(
      schema,
      takeLongDigits(schema, { lossy, exact }, options.maxDepth),
      options.reading,
    );
  };
  const compiled = compileReader(schema, options);
  if (compiled === undefined) return byLibrary;
  return (text) => {
    // Half a surrogate pair, which the library refuses, comes only of an escape: the bytes are UTF-8.
    if (text.includes("\\u")) return byLibrary(text);
    try {
      return compiled(whole(parseJson(text))) as MessageShape<D>; // the reader of this schema
    } catch (error) {
      // An integer that has lost digits is unusual too.
      if (error === unusual) return byLibrary(text);
      throw error;
    }
  };
}

function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue; // what JSON.parse makes
}

function membered(member: string, json: JsonValue): JsonValue {
  const object: Record<string, JsonValue> = {};
  setOwn(object, member, json);
  return object;
}
