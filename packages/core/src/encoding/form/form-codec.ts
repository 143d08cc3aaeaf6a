/**
 * Forms, `application/x-www-form-urlencoded`: nested messages as dotted keys, maps as `name[key]`, lists as
 * repeated keys. The same rules read query strings and path variables.
 */
import { create } from "@bufbuild/protobuf";
import type { Codec } from "../codec.ts";
import { contentTypeOf } from "../content-type.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { createFormReader } from "./form-reader.ts";
import { createFormWriter } from "./form-writer.ts";
import { formatPlainForm, parsePlainForm } from "./plain-form.ts";
import type { QueryPair } from "./query.ts";
import { formatQuery, parseQuery } from "./query.ts";

/** Settings of the form codec. */
export interface FormCodecOptions {
  /** The name it is registered under. @default {"x-www-form-urlencoded"} */
  readonly name?: string;
  /** How many pairs a form may hold. @default {1000} */
  readonly maxPairs?: number;
}

const defaults = {
  name: "x-www-form-urlencoded",
  maxPairs: 1000,
} satisfies Required<FormCodecOptions>;

/** Makes the codec of forms. */
export function formCodec(options: FormCodecOptions = {}): Codec {
  const { name, maxPairs } = { ...defaults, ...options };
  return {
    name,
    contentType: contentTypeOf(name),
    encoder(schema) {
      const write = createFormWriter(schema);
      return (message) => {
        const pairs: QueryPair[] = [];
        write(message, pairs);
        return encodeUtf8(formatQuery(pairs));
      };
    },
    decoder(schema) {
      const read = createFormReader(schema);
      return (bytes) => {
        const message = create(schema);
        read(message, parseQuery(decodeUtf8(bytes), { maxPairs }));
        return message;
      };
    },
    encodeValue: (value) => encodeUtf8(formatPlainForm(value)),
    decodeValue: (bytes) => parsePlainForm(decodeUtf8(bytes), maxPairs),
  };
}
