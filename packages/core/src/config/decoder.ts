import { ConfigDecodeError } from "./config-errors.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeYaml } from "./decode-yaml.ts";
import type { KeyValue } from "./source.ts";
import { type ConfigTree, maxDepth, toTree } from "./tree.ts";

/** Turns a document into a map: of plain objects or Maps, lists, strings, numbers, bigints, booleans and null. */
export type Decoder = (document: KeyValue) => unknown;

/** Parses the text of one format. An error with a number `line` has that line named. */
export type DecodeFormat = (text: string) => unknown;

/**
 * Makes a decoder of `json`, `yaml`, `yml` and further formats by name. A document without a format
 * becomes one text, at the path its key names.
 */
export function createDecoder(formats: Readonly<Record<string, DecodeFormat>> = {}): Decoder {
  const byName = new Map<string, DecodeFormat>([
    ["json", decodeJson],
    ["yaml", decodeYaml],
    ["yml", decodeYaml],
    ...Object.entries(formats),
  ]);
  return (document) => {
    if (document.format === "") return expand(document);
    const decode = byName.get(document.format);
    if (decode === undefined) {
      const names = [...byName.keys()].toSorted().join(", ");
      throw new TypeError(
        `its format must be one of ${names}: current value is "${document.format}"`,
      );
    }
    return decode(new TextDecoder("utf-8", { fatal: true }).decode(document.value));
  };
}

/**
 * Decodes a document into a tree.
 * @throws {ConfigDecodeError} Which names the document, its format and the line.
 */
export function decodeDocument(document: KeyValue, decoder: Decoder): ConfigTree {
  try {
    return toTree(decoder(document));
  } catch (error) {
    throw new ConfigDecodeError(document, error);
  }
}

function expand(document: KeyValue): unknown {
  const segments = document.key.split(".");
  if (segments.length > maxDepth) {
    throw new RangeError(
      `its key must have ${maxDepth} parts at most: current value is ${segments.length}`,
    );
  }
  const text: unknown = new TextDecoder("utf-8", { ignoreBOM: true }).decode(document.value);
  return segments.reduceRight((inner, segment) => new Map([[segment, inner]]), text);
}
