import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { holdingOf, holdsOwnFields } from "../field-access.ts";

/** What the source of one field needs of the whole. */
export interface DecoderParts {
  /** The expression of a value that source cannot hold. */
  constant(value: unknown): string;
  /** The name of the function that reads a message. */
  decoder(schema: DescMessage): string;
}

interface Value {
  readonly wireType: 0 | 1 | 2 | 5;
  /** The expression that reads it where what it stands in ends at `end`. */
  readonly source: (end: string) => string;
}

/** Whether a decoder can be compiled for a schema and all it holds: groups, closed enums, unwrapped values are the library's. */
export function isDecodable(
  schema: DescMessage,
  seen: Set<DescMessage> = new Set([schema]),
): boolean {
  if (!holdsOwnFields(schema)) return false;
  return schema.fields.every((field) => {
    if (field.fieldKind === "map" && field.mapKey !== ScalarType.STRING) return false;
    if (field.fieldKind !== "map" && field.scalar !== undefined && field.longAsString) return false;
    if (field.enum !== undefined) return field.enum.open;
    const { message } = field;
    if (message === undefined) return true;
    const isGroup = field.fieldKind !== "map" && field.delimitedEncoding;
    if (isGroup || holdingOf(field, message) !== "message") return false;
    if (seen.has(message)) return true;
    seen.add(message);
    return isDecodable(message, seen);
  });
}

/** The cases of a switch over tags that read a field into the message `m`, which ends at `end`. */
export function fieldCases(field: DescField, parts: DecoderParts): readonly string[] {
  const value = valueOf(field, parts);
  const tag = tagOf(field.number, value.wireType);
  const member = `m[${JSON.stringify(field.localName)}]`;
  if (field.fieldKind === "map") return [caseOf(tag, entrySource(value, member))];
  if (field.fieldKind === "list") {
    const one = caseOf(tag, `${member}.push(${value.source("end")});`);
    if (value.wireType === 2) return [one];
    const packed = `const e = r.end(end), a = ${member}; while (r.before(e)) a.push(${value.source("e")});`;
    return [one, caseOf(tagOf(field.number, 2), packed)];
  }
  const isMessage = field.fieldKind === "message";
  if (field.oneof !== undefined) {
    const oneof = `m[${JSON.stringify(field.oneof.localName)}]`;
    const name = JSON.stringify(field.localName);
    // A message that comes twice is put together.
    const once = isMessage ? `if (${oneof}.case === ${name}) r.fail(); ` : "";
    return [caseOf(tag, `${once}${oneof} = { case: ${name}, value: ${value.source("end")} };`)];
  }
  const once = isMessage ? `if (${member} !== undefined) r.fail(); ` : "";
  return [caseOf(tag, `${once}${member} = ${value.source("end")};`)];
}

function caseOf(tag: number, statements: string): string {
  return `case ${tag}: { ${statements} break; }`;
}

/** Entries come with both parts, the key first, from all writers. */
function entrySource(value: Value, member: string): string {
  const valueTag = tagOf(2, value.wireType);
  return `const e = r.end(end); if (r.varint() !== ${tagOf(1, 2)}) r.fail(); const k = r.text(e); if (r.varint() !== ${valueTag}) r.fail(); r.set(${member}, k, ${value.source("e")}); if (r.before(e)) r.fail();`;
}

function valueOf(field: DescField, parts: DecoderParts): Value {
  if (field.scalar !== undefined) return scalars[field.scalar];
  if (field.enum !== undefined) return scalars[ScalarType.INT32];
  const name = parts.decoder(field.message);
  return { wireType: 2, source: (end) => `${name}(r.end(${end}), d + 1)` };
}

function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}

const scalars: Readonly<Record<ScalarType, Value>> = {
  [ScalarType.STRING]: { wireType: 2, source: (end) => `r.text(${end})` },
  [ScalarType.BYTES]: { wireType: 2, source: (end) => `r.bytes(${end})` },
  [ScalarType.BOOL]: { wireType: 0, source: () => "r.bool()" },
  [ScalarType.FLOAT]: { wireType: 5, source: () => "r.float()" },
  [ScalarType.DOUBLE]: { wireType: 1, source: () => "r.double()" },
  [ScalarType.INT32]: { wireType: 0, source: () => "r.int32()" },
  [ScalarType.UINT32]: { wireType: 0, source: () => "r.uint32()" },
  [ScalarType.SINT32]: { wireType: 0, source: () => "r.sint32()" },
  [ScalarType.FIXED32]: { wireType: 5, source: () => "r.fixed32()" },
  [ScalarType.SFIXED32]: { wireType: 5, source: () => "r.sfixed32()" },
  [ScalarType.INT64]: { wireType: 0, source: () => "r.int64()" },
  [ScalarType.UINT64]: { wireType: 0, source: () => "r.uint64()" },
  [ScalarType.SINT64]: { wireType: 0, source: () => "r.sint64()" },
  [ScalarType.FIXED64]: { wireType: 1, source: () => "r.fixed64()" },
  [ScalarType.SFIXED64]: { wireType: 1, source: () => "r.sfixed64()" },
};
