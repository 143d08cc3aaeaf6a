import type { DescMessage, Message } from "@bufbuild/protobuf";
import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccountSchema } from "../../encoding/form/testdata/form_pb.js";
import { createBodyDecoder, createBodyEncoder } from "../../encoding/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { BookSchema } from "../testdata/library_pb.js";
import {
  createBinding,
  createRequestBuilder,
  createRequestReader,
  createRouteTable,
} from "./index.ts";
import { randomRule, type RuleAndMessage } from "./testdata/random-rule.ts";

// With defaults an unset google.protobuf.Value is written as null, which reads as the value null, in Go too.
const json = jsonCodec({ emitDefaults: false });

type Read = (message: Message) => { readonly place: string; readonly message: Message };

/** All bindings of a method in one table, and for each what comes of a message that goes over it. */
function bindingsOf(schema: DescMessage, rules: readonly RuleAndMessage[]): readonly Read[] {
  const table = createRouteTable<(target: Target) => Message>();
  return rules
    .map(({ path, body }) => {
      const binding = createBinding({ input: schema }, { httpMethod: "POST", path, body });
      const field = typeof binding.body === "object" ? binding.body : undefined;
      const decode = createBodyDecoder(json, { schema, field });
      const read = createRequestReader(schema, binding);
      table.add({
        method: "POST",
        template: binding.template,
        place: path,
        value: ({ body: bytes, ...rest }) => read({ body: bytes && decode(bytes), ...rest }),
      });
      const encode = createBodyEncoder(json, { schema, field });
      return { build: createRequestBuilder(schema, binding), encode };
    })
    .map(({ build, encode }) => (message) => {
      const built = build(message);
      const [path = "", query = ""] = built.path.split("?");
      const found = table.match("POST", path);
      if (found?.route === undefined) throw new Error(`no route has ${built.path}`);
      const { route, variables } = found;
      const target = { body: built.body && encode(built.body), query, variables };
      return { place: route.place, message: route.value(target) };
    });
}

interface Target {
  readonly body: Uint8Array | undefined;
  readonly query: string;
  readonly variables: readonly string[];
}

/** As the wire has it: numbers of 32 bits rounded, and messages without any field unset, as no pair names them. */
function normal(schema: DescMessage, message: Message): Message {
  const copy = fromBinary(schema, toBinary(schema, message));
  dropEmpty(reflect(schema, copy));
  return copy;
}

function dropEmpty(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (field.fieldKind !== "message" || !message.isSet(field)) continue;
    const inner = message.get(field);
    if (/^google\.protobuf\.\w+Value$/.test(field.message.typeName)) continue;
    dropEmpty(inner);
    if (toBinary(field.message, inner.message).length === 0) message.clear(field);
  }
}

describe.each<[string, DescMessage]>([
  ["a message of every kind of field", AccountSchema],
  ["a message that holds itself", BookSchema],
])("createRequestReader() and createRequestBuilder()", (name, schema) => {
  test(`createRequestReader() reads ${name} as createRequestBuilder() wrote it, by any rules`, () => {
    const rules = fc.tuple(
      randomRule(schema, "first"),
      randomRule(schema, "second"),
      randomRule(schema, "third"),
    );
    fc.assert(
      fc.property(rules, (all) => {
        const bindings = bindingsOf(schema, all);
        for (const [index, { path, message }] of all.entries()) {
          const received = bindings[index]?.(message);
          if (received === undefined) throw new Error("no binding");
          expect(received.place).toBe(path);
          const [left, right] = [normal(schema, received.message), normal(schema, message)];
          if (!equals(schema, left, right)) expect(left).toEqual(right);
        }
      }),
      { numRuns: 300 },
    );
  }, 20_000);
});

test("createRequestBuilder() sends the digit 0 of a text, which is no zero", () => {
  const binding = createBinding({ input: AccountSchema }, { httpMethod: "GET", path: "/v1" });
  const build = createRequestBuilder(AccountSchema, binding);
  expect(build(create(AccountSchema, { aliasName: "0" })).path).toBe("/v1?nickName=0");
  expect(build(create(AccountSchema, { id: 0n })).path).toBe("/v1");
});
