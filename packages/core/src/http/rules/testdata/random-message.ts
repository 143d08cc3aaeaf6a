import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";
import * as fc from "fast-check";

const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("0", "a/b", "a.b[c]", "50%", "x=y&z;w", "null", "true", "..", "\ufeff", "__proto__"),
);

// An empty text is no value in a query: presence would be lost, as in Go.
const someText = anyText.filter((value) => value !== "");
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const nanos = fc.integer({ min: 0, max: 999_999_999 });

const scalars: ReadonlyMap<ScalarType, fc.Arbitrary<unknown>> = new Map<
  ScalarType,
  fc.Arbitrary<unknown>
>([
  [ScalarType.STRING, someText],
  [ScalarType.BYTES, fc.uint8Array({ minLength: 1, maxLength: 12 })],
  [ScalarType.BOOL, fc.boolean()],
  [ScalarType.DOUBLE, fc.double({ noNaN: true })],
  [ScalarType.FLOAT, fc.float({ noNaN: true })],
  [ScalarType.UINT32, uint32],
  [ScalarType.FIXED32, uint32],
  [ScalarType.INT64, int64],
  [ScalarType.SINT64, int64],
  [ScalarType.SFIXED64, int64],
  [ScalarType.UINT64, uint64],
  [ScalarType.FIXED64, uint64],
]);

const struct = fc
  .dictionary(anyText, fc.jsonValue({ maxDepth: 1 }), { minKeys: 1, maxKeys: 2 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)));

const wellKnown: ReadonlyMap<string, fc.Arbitrary<unknown>> = new Map<
  string,
  fc.Arbitrary<unknown>
>([
  [
    "google.protobuf.Timestamp",
    fc.record({ seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }), nanos }),
  ],
  // Within what Go's durations hold, whose text it is.
  [
    "google.protobuf.Duration",
    fc.oneof(
      fc.record({ seconds: fc.bigInt({ min: 0n, max: 9_000_000_000n }), nanos }),
      fc.record({
        seconds: fc.bigInt({ min: -9_000_000_000n, max: 0n }),
        nanos: nanos.map((value) => -value),
      }),
    ),
  ],
  [
    "google.protobuf.FieldMask",
    fc.record({
      paths: fc.array(fc.stringMatching(/^[a-z]{1,4}(_[a-z]{1,4})?(\.[a-z]{1,4})?$/), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  ],
  ["google.protobuf.Struct", struct],
]);

/** Values of one field, an item of it where it is a list or a map; undefined where a form has no text for them. */
export function randomValue(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  if (field.scalar !== undefined) return scalars.get(field.scalar) ?? int32;
  if (field.enum !== undefined)
    return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  const { message } = field;
  const known = wellKnown.get(message.typeName);
  if (known !== undefined) return known;
  const wrapped = wrappedScalar(message);
  if (wrapped !== undefined) {
    const value = scalars.get(wrapped) ?? int32;
    return field.fieldKind === "message" && field.oneof === undefined
      ? value
      : fc.record({ value });
  }
  const isFree = message.typeName === "google.protobuf.Value";
  const isRepeated = field.fieldKind !== "message";
  if (isFree || isRepeated || depth === 0) return undefined;
  return randomMessage(message, depth - 1);
}

/** Random messages that a query can carry whole, nested this deep. */
export function randomMessage(schema: DescMessage, depth: number): fc.Arbitrary<Message> {
  const record: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of schema.fields) {
    const values = field.oneof === undefined ? fieldValues(field, depth) : undefined;
    if (values !== undefined) record[field.localName] = values;
  }
  for (const { localName, fields } of schema.oneofs) {
    const choices = fields.flatMap((field) => {
      const value = randomValue(field, depth);
      return value === undefined ? [] : [fc.record({ case: fc.constant(field.localName), value })];
    });
    if (choices.length > 0) record[localName] = fc.oneof(...choices);
  }
  return fc.record(record, { requiredKeys: [] }).map((fields) => create(schema, fields));
}

function fieldValues(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  const items = randomValue(field, depth);
  const isText = field.scalar === ScalarType.STRING;
  if (items === undefined) return undefined;
  if (field.fieldKind === "list") return fc.array(isText ? anyText : items, { maxLength: 3 });
  if (field.fieldKind !== "map") return items;
  const keys =
    field.mapKey === ScalarType.STRING
      ? anyText
      : (scalars.get(field.mapKey) ?? int32).map(String);
  return fc
    .array(fc.tuple(keys, isText ? anyText : items), { maxLength: 2 })
    .map((entries) => Object.fromEntries(entries));
}

function wrappedScalar({ typeName, fields }: DescMessage): ScalarType | undefined {
  return /^google\.protobuf\.\w+Value$/.test(typeName) ? fields[0]?.scalar : undefined;
}
