import { type ContentCoding, contentCodings } from "./content-coding.ts";

/** Settings of `compress`. */
export interface CompressOptions {
  /** What answers may be packed with, the preferred first. @default {["br", "gzip", "deflate"]} */
  readonly encodings?: readonly ContentCoding[];
  /** Answers that are known to be smaller are sent as they are. @default {1024} */
  readonly minBytes?: number;
  /**
   * Types of content that are packed: in full as "application/json", a group as "text/*", or by their end as
   * "+json". Events, and what the RPC protocols pack themselves, never are.
   * @default text, JSON, XML, JavaScript, YAML, WebAssembly and SVG
   */
  readonly types?: readonly string[];
}

/** What stands for options that are not given. */
export const compressDefaults: Required<CompressOptions> = {
  encodings: ["br", "gzip", "deflate"],
  minBytes: 1024,
  types: [
    "text/*",
    "+json",
    "+xml",
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/javascript",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/wasm",
  ],
};

/** @throws {TypeError | RangeError} If a setting is impossible. */
export function checkCompress({ encodings, minBytes, types }: Required<CompressOptions>): void {
  for (const coding of encodings) {
    if (contentCodings.includes(coding)) continue;
    throw new TypeError(
      `Cannot compress as encodings must be of ${contentCodings.join(", ")}: current value is ${JSON.stringify(coding)}`,
    );
  }
  if (encodings.length === 0) {
    throw new TypeError("Cannot compress as there must be one encoding: current value is []");
  }
  if (!(minBytes >= 0)) {
    throw new RangeError(
      `Cannot compress as minBytes must be a number from 0 on: current value is ${minBytes}`,
    );
  }
  for (const type of types) {
    if (/^(?:[\w.+-]+\/(?:\*|[\w.+-]+)|\+[\w.-]+)$/.test(type)) continue;
    throw new TypeError(
      `Cannot compress as types must be such as "a/b", "a/*" or "+b": current value is ${JSON.stringify(type)}`,
    );
  }
}

/** Types that are never packed: events wait for nobody, and the RPC protocols have their own compression inside. */
const never = /^(?:text\/event-stream$|application\/(?:connect\+|grpc))/;

/** Makes the question whether a Content-Type is to be packed. */
export function compressibleTypes(types: readonly string[]): (contentType: string) => boolean {
  const exact = new Set<string>();
  const edges: string[] = [];
  for (const type of types.map((each) => each.toLowerCase())) {
    if (type.endsWith("/*") || type.startsWith("+")) edges.push(type);
    else exact.add(type);
  }
  return (contentType) => {
    const [first = ""] = contentType.split(";", 1);
    const type = first.trim().toLowerCase();
    if (type === "" || never.test(type)) return false;
    return exact.has(type) || edges.some((edge) => isAt(edge, type));
  };
}

function isAt(edge: string, type: string): boolean {
  return edge.startsWith("+") ? type.endsWith(edge) : type.startsWith(edge.slice(0, -1));
}
