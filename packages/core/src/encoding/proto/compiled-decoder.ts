/**
 * Reads the wire form by code that is made for a schema when a method is registered, as the compiled reader of
 * JSON does: fields are told by their tags, messages are made as literals of one shape.
 *
 * It knows what writers write. Whatever else comes, valid or not, it leaves to the library, which reads the
 * whole message again and gives its own answer. Where code may not be made of text, the library reads everything.
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { evaluateSource } from "../evaluate-source.ts";
import { messageLiteral } from "../message-literal.ts";
import { fieldCases, isDecodable, type DecoderParts } from "./field-cases.ts";
import { WireReader } from "./wire-reader.ts";

/** Makes a message of bytes; throws `unusual` where the library has to look. */
export type CompiledDecoder = (bytes: Uint8Array) => unknown;

/** What the decoding leaves open. */
export interface ProtoReading {
  readonly keepUnknown: boolean;
  readonly maxDepth: number;
}

type NestedDecoder = (end: number, depth: number) => unknown;

// Decoding calls nobody, so that one reader does for all.
let reader: WireReader | undefined;

/** Compiles the decoder of a schema; undefined where only the library can read it. */
export function compileDecoder(
  schema: DescMessage,
  { keepUnknown, maxDepth }: ProtoReading,
): CompiledDecoder | undefined {
  if (typeof Buffer === "undefined" || !isDecodable(schema)) return undefined;
  const wire = (reader ??= new WireReader());
  const constants: unknown[] = [];
  const names = new Map<DescMessage, string>();
  const sources: string[] = [];
  const parts: DecoderParts = {
    constant: (value) => `c[${constants.push(value) - 1}]`,
    decoder(message) {
      const known = names.get(message);
      if (known !== undefined) return known;
      const name = `read${names.size}`;
      // Kept before its fields are looked at, as one may be of this very type.
      names.set(message, name);
      sources.push(messageSource(message, { name, parts, maxDepth }));
      return name;
    },
  };
  const root = parts.decoder(schema);
  const source = [...sources, `return ${root};`].join("\n");
  const decode = evaluateSource(source, wire, constants) as NestedDecoder | undefined; // what the source returns
  if (decode === undefined) return undefined;
  return (bytes) => {
    wire.begin(bytes, keepUnknown);
    try {
      return decode(bytes.length, 1);
    } finally {
      wire.release();
    }
  };
}

interface MessageParts {
  readonly name: string;
  readonly parts: DecoderParts;
  readonly maxDepth: number;
}

function messageSource(schema: DescMessage, { name, parts, maxDepth }: MessageParts): string {
  const known = parts.constant(new Set(schema.fields.map(({ number }: DescField) => number)));
  return `function ${name}(end, d) {
  if (d > ${maxDepth}) r.fail();
  const m = ${messageLiteral(schema, parts.constant)};
  while (r.before(end)) {
    const tag = r.varint();
    switch (tag) {
      ${schema.fields.flatMap((field) => fieldCases(field, parts)).join("\n      ")}
      default: r.unknown(m, tag, { limit: end, known: ${known} });
    }
  }
  return m;
}`;
}
