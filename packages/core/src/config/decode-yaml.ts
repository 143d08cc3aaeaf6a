import type { ScalarTag } from "yaml";
import { composeYaml } from "../encoding/index.ts";
import { maxDepth } from "./tree.ts";

/**
 * Parses one YAML document with the rules of Go's yaml.v3: only true and false are booleans, integers may
 * be hexadecimal, octal, binary and grouped by "_", merge keys are merged. Dates stay text.
 * @throws {YamlFault} With the line.
 */
export function decodeYaml(text: string): unknown {
  const document = composeYaml(text, {
    maxDepth,
    merge: true,
    customTags: (tags) => [integer, float, ...tags],
  });
  // Maps, so that no key of the document can reach a prototype and no key loses its type unseen.
  return document.toJS({ mapAsMap: true, maxAliasCount });
}

const maxAliasCount = 1000;

const integer: ScalarTag = {
  identify: () => false,
  default: true,
  tag: "tag:yaml.org,2002:int",
  test: /^[-+]?(?:0[xX][\da-fA-F_]*[\da-fA-F]_*|0[bB][01_]*[01]_*|0[oO]?[0-7_]*[0-7]_*|[1-9][\d_]*|0_*)$/,
  resolve: toInteger,
};

const float: ScalarTag = {
  identify: () => false,
  default: true,
  tag: "tag:yaml.org,2002:float",
  test: /^[-+]?(?:\.\d[\d_]*|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?\d+)?$/,
  resolve: toFloat,
};

const maxUint64 = 2n ** 64n - 1n;
const longestInteger = 80;

function toInteger(text: string): unknown {
  const plain = text.replaceAll("_", "").toLowerCase();
  const isNegative = plain.startsWith("-");
  const digits = plain.replace(/^[-+]/, "");
  if (digits.length > longestInteger) return toFloat(text);
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (magnitude > maxUint64) return Number(isNegative ? -magnitude : magnitude);
  return isNegative ? -magnitude : magnitude;
}

function toFloat(text: string): number {
  return Number(text.replaceAll("_", ""));
}
