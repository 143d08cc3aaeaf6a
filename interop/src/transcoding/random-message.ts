import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";
import * as fc from "fast-check";

// An empty text is no value in a query, so that presence would be lost: as in Go.
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 10 }),
  fc.constantFrom("a/b", "50% off + more", "x=y&z", "ü", "\u{1f600}", "..", ":cancel", "null", "0"),
);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const nanos = fc.integer({ min: 0, max: 999_999_999 });
const maxDepth = 3;

const scalars: Readonly<Partial<Record<ScalarType, fc.Arbitrary<unknown>>>> = {
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.DOUBLE]: fc.double({ noNaN: true }),
  [ScalarType.FLOAT]: fc.float({ noNaN: true }),
  [ScalarType.INT32]: int32,
  [ScalarType.UINT32]: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  [ScalarType.FIXED32]: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

// Within the 64 bits of nanoseconds of Go, which the text of a duration in a query has.
const wellKnown: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "google.protobuf.Timestamp": fc.record({
    seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
    nanos,
  }),
  "google.protobuf.Duration": fc.record({
    seconds: fc.bigInt({ min: 0n, max: 9_000_000_000n }),
    nanos,
  }),
  "google.protobuf.FieldMask": fc.record({
    paths: fc.array(fc.stringMatching(/^[a-z]{1,5}(_[a-z]{1,5})?(\.[a-z]{1,5})?$/), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  "google.protobuf.Struct": fc
    .dictionary(text, fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 3 })
    .map((value): unknown => JSON.parse(JSON.stringify(value))),
};

/** Random messages of a schema, with the fields named left out. */
export function randomMessage(
  schema: DescMessage,
  omit: ReadonlySet<DescField> = new Set(),
): fc.Arbitrary<Message> {
  return fieldsOf(schema, { depth: 0, omit }).map((fields) => create(schema, fields));
}

interface Place {
  readonly depth: number;
  readonly omit: ReadonlySet<DescField>;
}

function fieldsOf(schema: DescMessage, place: Place): fc.Arbitrary<Record<string, unknown>> {
  const single = schema.fields.filter(
    (field) => field.oneof === undefined && !place.omit.has(field),
  );
  const record: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of single) {
    const values = fieldValues(field, place.depth);
    if (values !== undefined) record[field.localName] = values;
  }
  for (const { localName, fields } of schema.oneofs) {
    const choices = fields.flatMap((field) => {
      const values = place.omit.has(field) ? undefined : fieldValues(field, place.depth);
      return values === undefined
        ? []
        : [fc.record({ case: fc.constant(field.localName), value: values })];
    });
    if (choices.length > 0) record[localName] = fc.oneof(...choices);
  }
  return fc.record(record, { requiredKeys: [] });
}

function fieldValues(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  const values = itemValues(field, depth);
  if (values === undefined) return undefined;
  if (field.fieldKind === "list") return fc.array(values, { maxLength: 3 });
  if (field.fieldKind !== "map") return values;
  return fc.dictionary(mapKeys(field), values, { maxKeys: 3 });
}

function mapKeys(field: DescField & { readonly fieldKind: "map" }): fc.Arbitrary<string> {
  if (field.mapKey === ScalarType.STRING) return text;
  return (scalars[field.mapKey] ?? int32).map(String);
}

function itemValues(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  if (field.scalar !== undefined) return scalars[field.scalar];
  if (field.enum !== undefined)
    return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  const schema = field.message;
  if (schema === undefined || depth >= maxDepth) return undefined;
  const known = wellKnown[schema.typeName];
  if (known !== undefined) return known;
  const isWrapper = /^google\.protobuf\.\w+Value$/.test(schema.typeName);
  const inner = fieldsOf(schema, { depth: depth + 1, omit: new Set() });
  const wrapped = schema.fields[0]?.scalar;
  if (!isWrapper || wrapped === undefined) return inner;
  return field.fieldKind === "message" && field.oneof === undefined
    ? scalars[wrapped]
    : fc.record({ value: scalars[wrapped] ?? text });
}
