import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, equals } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, createBodyDecoder, createBodyEncoder } from "../../encoding/index.ts";
import { AccountSchema, Color } from "../../encoding/form/testdata/form_pb.js";
import { jsonCodec } from "../../encoding/json/index.ts";
import {
  createBinding,
  createRequestBuilder,
  createRequestReader,
  createRouteTable,
  parseTemplate,
} from "./index.ts";

const bind = (path: string, body = "") =>
  createBinding({ input: AccountSchema }, { httpMethod: "POST", path, body });

function read(
  path: string,
  parts: {
    body?: MessageInitShape<typeof AccountSchema>;
    bodyField?: string;
    query?: string;
    variables?: readonly string[];
  },
) {
  const { body, bodyField = "", query = "", variables = [] } = parts;
  return createRequestReader(
    AccountSchema,
    bind(path, bodyField),
  )({ body: body && create(AccountSchema, body), query, variables });
}

describe("createRequestReader()", () => {
  it("createRequestReader() reads variables into their fields, nested ones too", () => {
    expect(
      read("/{id}/{profile.title}/{color}/{w_string}", { variables: ["7", "t", "GREEN", "w"] }),
    ).toEqual(
      create(AccountSchema, { id: 7n, profile: { title: "t" }, color: Color.GREEN, wString: "w" }),
    );
  });

  it("createRequestReader() reads the query into what is left over", () => {
    expect(
      read("/{id}", {
        variables: ["7"],
        query: "tags=a&tags=b&main_profile.rank=2&labels[k]=v&nope=1&ttl=1.5s&color=5",
      }),
    ).toEqual(
      create(AccountSchema, {
        id: 7n,
        tags: ["a", "b"],
        profile: { rank: 2 },
        labels: { k: "v" },
        ttl: { seconds: 1n, nanos: 500_000_000 },
        color: Color.DARK_BLUE,
      }),
    );
  });

  it("createRequestReader() lets path variables win over body and query", () => {
    expect(
      read("/{id}/{opt_num}", {
        bodyField: "profile",
        body: { id: 1n, optNum: 1 },
        query: "id=2&optNum=2",
        variables: ["3", "4"],
      }),
    ).toMatchObject({ id: 3n, optNum: 4 });
    expect(read("/{email}", { query: "phone=1", variables: ["a"] })).toMatchObject({
      contact: { case: "email", value: "a" },
    });
    expect(read("/{ref.title}", { query: "phone=1", variables: ["a"] })).toMatchObject({
      contact: { case: "ref", value: { title: "a" } },
    });
    expect(
      read("/{profile.title}", { query: "profile.title=q&profile.rank=1", variables: ["p"] }),
    ).toMatchObject({ profile: { title: "p", rank: 1 } });
  });

  it("createRequestReader() keeps the query out of the body's field, and out altogether where the body is all", () => {
    expect(
      read("/", {
        bodyField: "profile",
        body: { profile: { title: "b" } },
        query: "profile.title=q&main_profile.rank=1&id=2",
      }),
    ).toEqual(create(AccountSchema, { profile: { title: "b" }, id: 2n }));
    expect(read("/", { bodyField: "*", body: { id: 1n }, query: "id=2&age=3" })).toEqual(
      create(AccountSchema, { id: 1n }),
    );
  });

  it.each([
    [
      "a variable of another type",
      "/{age}",
      { variables: ["x"] },
      'parsing field "age": invalid int32: current value is "x"',
    ],
    [
      "a query value of another type",
      "/",
      { query: "age=x" },
      'parsing field "age": invalid int32',
    ],
    ["a path through a scalar", "/", { query: "age.x=1" }, 'invalid path: "age" is not a message'],
    [
      "two members of a oneof",
      "/",
      { query: "email=a&phone=b" },
      'field already set for oneof "contact"',
    ],
    ["too many pairs", "/", { query: "x=1&".repeat(1001) }, "too many pairs"],
  ])("createRequestReader() refuses %s with a DecodeError", (_what, path, parts, text) => {
    expect(() => read(path, parts)).toThrow(DecodeError);
    expect(() => read(path, parts)).toThrow(text);
  });

  it("createRequestReader() leaves a field unset for an empty variable", () => {
    expect(read("/{alias_name=**}", { variables: [""] })).toEqual(create(AccountSchema));
  });
});

// Text without what a path cannot carry: nothing, dot segments.
const text = fc
  .string({ unit: "grapheme", minLength: 1 })
  .map((value) => value.replaceAll("\ufeff", "x"))
  .filter((value) => value !== "." && value !== "..");
const plainSegment = text
  .map((value) => value.replaceAll("/", "-"))
  .filter((value) => value !== "." && value !== "..");
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float = fc.float({ noNaN: true });
const key = fc.string({ unit: "grapheme" });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const profile = fc.record({
  title: text,
  rank: int32,
  notes: fc.dictionary(key, fc.string({ unit: "grapheme" })),
});
const instant = fc.record({
  seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});

// What a query carries whole: no lists of messages, and no empty text where "unset" is another state.
const account = fc.record({
  id: int64,
  aliasName: plainSegment,
  profile,
  tags: fc.array(fc.string({ unit: "grapheme" })),
  active: fc.boolean(),
  color: fc.constantFrom(Color.RED, Color.GREEN, Color.DARK_BLUE),
  age: int32,
  level: fc.nat(),
  total: uint64,
  ratio: float,
  score: fc.double({ noNaN: true }),
  payload: fc.uint8Array(),
  createdAt: optional(instant),
  ttl: optional(
    fc.record({
      seconds: fc.bigInt({ min: 0n, max: 2n ** 32n }),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    }),
  ),
  mask: optional(
    fc.record({ paths: fc.array(fc.stringMatching(/^[a-z]+(_[a-z]+)*$/), { minLength: 1 }) }),
  ),
  wDouble: optional(fc.double({ noNaN: true })),
  wFloat: optional(float),
  wInt64: optional(int64),
  wUint32: optional(fc.nat()),
  wBool: optional(fc.boolean()),
  wString: optional(text),
  wBytes: optional(fc.uint8Array({ minLength: 1 })),
  labels: fc.dictionary(key, fc.string({ unit: "grapheme" })),
  slots: fc.dictionary(int32.map(String), text),
  counters: fc.dictionary(key, int32),
  optNum: optional(int32),
  optText: optional(text),
  contact: fc.oneof(
    fc.constant({ case: undefined }),
    text.map((value) => ({ case: "email" as const, value })),
    profile.map((value) => ({ case: "ref" as const, value })),
  ),
  numbers: fc.array(int32),
  colors: fc.array(fc.constantFrom(Color.RED, Color.GREEN)),
  times: fc.array(instant),
  attrs: optional(
    fc
      .dictionary(key, fc.jsonValue({ maxDepth: 2 }))
      .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, never>),
  ),
  attrList: fc.array(fc.dictionary(key, fc.oneof(fc.boolean(), fc.string({ unit: "grapheme" })))),
  delta: int32,
});

const rules = [
  ["/v1/accounts", ""],
  ["/v1/accounts/{id}", ""],
  ["/v1/accounts/{id}/{alias_name}:run", ""],
  ["/v1/{alias_name=**}", ""],
  ["/v1/{main_profile.rank}/{age}/{active}", ""],
  ["/v1/{color}/x/{delta}", "profile"],
  ["/v1/{id}", "labels"],
  ["/v1/{id}", "tags"],
  ["/v1/{total}/{nickName}", "*"],
] as const;

describe("hostile input", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...AccountSchema.fields.map(({ name }) => name),
      ".",
      "[",
      "]",
      "=",
      "&",
      "%",
      "%2",
      "+",
      ";",
      "__proto__",
      "constructor",
      "heading",
      "value",
      "1",
      "null",
      "{}",
    ),
    fc.string(),
  );

  it("createRequestReader() throws nothing but DecodeErrors, whatever the query", () => {
    const reader = createRequestReader(AccountSchema, bind("/"));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          reader({ query: pieces.join(""), variables: [] });
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("parseTemplate() throws nothing but TypeErrors, and match() nothing but DecodeErrors", () => {
    const part = fc.oneof(
      fc.constantFrom("/", "{", "}", "*", "**", "=", ":", "a", "%2F", "%", "[", "(", ".*"),
      fc.string({ maxLength: 2 }),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (template, path) => {
        const table = createRouteTable<string>();
        try {
          table.add({
            method: "GET",
            template: parseTemplate(`/${template.join("")}`),
            value: "",
            place: "",
          });
          table.match("GET", `/${path.join("")}`);
        } catch (error) {
          expect(error instanceof DecodeError || error instanceof TypeError).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a message", () => {
  // With defaults an unset google.protobuf.Value is written as null, which reads as the value null, in Go too.
  const json = jsonCodec({ emitDefaults: false });

  it.each(rules)(
    "createRequestReader() reads what createRequestBuilder() wrote for %s with body %j",
    (path, body) => {
      const binding = bind(path, body);
      const shape = {
        schema: AccountSchema,
        field: typeof binding.body === "object" ? binding.body : undefined,
      };
      const [encodeBody, decodeBody] = [
        createBodyEncoder(json, shape),
        createBodyDecoder(json, shape),
      ];
      const builder = createRequestBuilder(AccountSchema, binding);
      const reader = createRequestReader(AccountSchema, binding);
      const table = createRouteTable<string>();
      table.add({ method: "POST", template: binding.template, value: "", place: binding.place });
      fc.assert(
        fc.property(account, (init) => {
          const message = create(AccountSchema, init as MessageInitShape<typeof AccountSchema>);
          const built = builder(message);
          const [sentPath = "", query = ""] = built.path.split("?");
          const found = table.match("POST", sentPath);
          const received = reader({
            body: built.body && decodeBody(encodeBody(built.body)),
            query,
            variables: found?.route === undefined ? [] : found.variables,
          });
          expect(found?.route).toBeDefined();
          expect(equals(AccountSchema, normal(received), normal(message))).toBe(true);
        }),
        { numRuns: 60 },
      );
    },
  );
});

// A float32 has many JavaScript numbers, and an empty message below is no pair.
function normal(message: object) {
  const { $typeName: _name, ...init } = message as MessageInitShape<typeof AccountSchema> & {
    $typeName?: string;
  };
  const copy = create(AccountSchema, init as MessageInitShape<typeof AccountSchema>);
  copy.ratio = Math.fround(copy.ratio);
  if (copy.wFloat !== undefined) copy.wFloat = Math.fround(copy.wFloat);
  if (Object.keys(copy.attrs ?? {}).length === 0) delete copy.attrs;
  return copy;
}
