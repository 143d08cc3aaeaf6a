/**
 * XML with the names of proto JSON: a message is an element, a list as many elements as it has items, and a
 * map one element with a `key` and a `value` an entry. What has no schema, such as a Struct, is JSON in an
 * element. Attributes, prefixes and document types are not read.
 *
 *     <Book><id>7</id><title>t</title><authors>a</authors><authors>b</authors></Book>
 */
import { create } from "@bufbuild/protobuf";
import type { Codec } from "../codec.ts";
import { contentTypeOf } from "../content-type.ts";
import { type JsonCodecOptions, jsonCodec } from "../json/index.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { jsonToXml } from "./json-to-xml.ts";
import { formatPlainXml, plainOf } from "./plain-xml.ts";
import { readXml } from "./read-xml.ts";
import { xmlToJson } from "./xml-to-json.ts";

/** Settings of the xml codec; what is in an element is what the json codec writes. */
export interface XmlCodecOptions extends Omit<JsonCodecOptions, "name"> {
  /** The name it is registered under. @default {"xml"} */
  readonly name?: string;
  /** How many elements a document may have. @default {50000} */
  readonly maxElements?: number;
}

const defaults = {
  name: "xml",
  maxElements: 50_000,
  maxDepth: 100,
  ignoreUnknown: true,
} satisfies Partial<XmlCodecOptions>;

/** Makes a codec of XML. An empty body reads as the empty message, whatever the root is called. */
export function xmlCodec(options: XmlCodecOptions = {}): Codec {
  const { name, maxElements, ...shape } = { ...defaults, ...options };
  const json = jsonCodec(shape);
  const limits = { maxElements, maxDepth: shape.maxDepth };
  return {
    name,
    contentType: contentTypeOf(name),
    encoder(schema) {
      const encode = json.encoder(schema);
      return (message) => encodeUtf8(jsonToXml(JSON.parse(decodeUtf8(encode(message))), schema));
    },
    decoder(schema) {
      const decode = json.decoder(schema);
      return (bytes) => {
        if (bytes.length === 0) return create(schema);
        const read = xmlToJson(readXml(bytes, limits), schema, shape);
        return decode(encodeUtf8(JSON.stringify(read)));
      };
    },
    encodeValue: (value) => encodeUtf8(formatPlainXml(value)),
    decodeValue: (bytes) => plainOf(readXml(bytes, limits)),
  };
}
