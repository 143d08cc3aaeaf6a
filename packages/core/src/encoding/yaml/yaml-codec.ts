/** YAML of the same shape as proto JSON: read for messages written by people, and written block style. */
import { stringify } from "yaml";
import type { Codec } from "../codec.ts";
import { composeYaml } from "../compose-yaml.ts";
import { contentTypeOf } from "../content-type.ts";
import { DecodeError } from "../decode-error.ts";
import type { JsonCodecOptions } from "../json/index.ts";
import { jsonCodec } from "../json/index.ts";
import { sanitizePlainValue } from "../plain-value.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";

/** Settings of the yaml codec; the shape of messages is that of the json codec. */
export interface YamlCodecOptions extends Omit<JsonCodecOptions, "name"> {
  /** The name it is registered under. @default {"yaml"} */
  readonly name?: string;
  /** How many nodes aliases may stand for, so that a small text cannot grow without bound. @default {100} */
  readonly maxAliases?: number;
}

const defaults = {
  name: "yaml",
  maxAliases: 100,
  maxDepth: 100,
} satisfies Partial<YamlCodecOptions>;

/** Makes a codec of YAML. */
export function yamlCodec(options: YamlCodecOptions = {}): Codec {
  const { name, maxAliases, maxDepth, ...shape } = { ...defaults, ...options };
  const json = jsonCodec({ ...shape, maxDepth });
  const toJson = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length === 0) return bytes;
    return encodeUtf8(
      JSON.stringify(readYaml(bytes, { maxAliases, maxDepth, exact: true }), longToText),
    );
  };
  const toYaml = (bytes: Uint8Array): Uint8Array =>
    encodeUtf8(stringify(JSON.parse(decodeUtf8(bytes))));
  return {
    name,
    contentType: contentTypeOf(name),
    encoder(schema) {
      const encode = json.encoder(schema);
      return (message) => toYaml(encode(message));
    },
    decoder(schema) {
      const decode = json.decoder(schema);
      return (bytes) => decode(toJson(bytes));
    },
    encodeValue: (value) => encodeUtf8(stringify(value)),
    decodeValue: (bytes) => readYaml(bytes, { maxAliases, maxDepth, exact: false }),
  };
}

interface YamlReading {
  readonly maxAliases: number;
  readonly maxDepth: number;
  /** Whether integers are read as bigint. */
  readonly exact: boolean;
}

function readYaml(bytes: Uint8Array, reading: YamlReading): unknown {
  const text = decodeUtf8(bytes);
  const { maxAliases: maxAliasCount, exact: intAsBigInt, maxDepth } = reading;
  try {
    const document = composeYaml(text, { maxDepth, intAsBigInt });
    return sanitizePlainValue(document.toJS({ maxAliasCount }), maxDepth);
  } catch (error) {
    throw new DecodeError(
      `invalid YAML: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

// Integers are read exactly; those a number holds exactly are numbers again.
function longToText(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
