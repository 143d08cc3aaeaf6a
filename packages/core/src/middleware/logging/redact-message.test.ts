import { create, createFileRegistry, type DescMessage, type DescMethod } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { memoryLogger } from "../../log/index.ts";
import { HeaderMap, withServerTransport } from "../../transport/index.ts";
import { logging, type LoggingOptions } from "./index.ts";

const options = { debugRedact: true };
const optional = Label.OPTIONAL;
const nested = { label: optional, type: Type.MESSAGE, typeName: ".t.Secret" };

/** The messages of a test proto: Secret has hidden fields, Holder holds Secrets in every way, Plain hides nothing. */
const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      {
        name: "t.proto",
        package: "t",
        syntax: "proto3",
        messageType: [
          {
            name: "Secret",
            field: [
              { name: "name", number: 1, label: optional, type: Type.STRING },
              {
                name: "pass_word",
                jsonName: "passWord",
                number: 2,
                label: optional,
                type: Type.STRING,
                options,
              },
              { name: "key", number: 3, label: optional, type: Type.BYTES, options },
              { name: "codes", number: 4, label: Label.REPEATED, type: Type.INT64, options },
              { name: "pin", number: 5, label: optional, type: Type.INT32, options, oneofIndex: 0 },
              { name: "open", number: 6, label: optional, type: Type.STRING, oneofIndex: 0 },
              { name: "self", number: 7, ...nested },
            ],
            oneofDecl: [{ name: "way" }],
          },
          {
            name: "Holder",
            field: [
              { name: "one", number: 1, ...nested },
              { name: "many", number: 2, ...nested, label: Label.REPEATED },
              {
                name: "by_key",
                jsonName: "byKey",
                number: 3,
                label: Label.REPEATED,
                type: Type.MESSAGE,
                typeName: ".t.Holder.ByKeyEntry",
              },
              { name: "chosen", number: 4, ...nested, oneofIndex: 0 },
            ],
            oneofDecl: [{ name: "choice" }],
            nestedType: [
              {
                name: "ByKeyEntry",
                options: { mapEntry: true },
                field: [
                  { name: "key", number: 1, label: optional, type: Type.STRING },
                  { name: "value", number: 2, ...nested },
                ],
              },
            ],
          },
          {
            name: "Plain",
            field: [{ name: "name", number: 1, label: optional, type: Type.STRING }],
          },
        ],
        service: [
          { name: "S", method: [{ name: "M", inputType: ".t.Secret", outputType: ".t.Plain" }] },
        ],
      },
    ],
  }),
);

function schema(name: string): DescMessage {
  const found = registry.getMessage(`t.${name}`);
  if (found === undefined) throw new TypeError(`no message ${name}`);
  return found;
}

const secret = {
  name: "n",
  passWord: "p",
  key: new Uint8Array([1]),
  codes: [1n],
  way: { case: "pin", value: 1234 },
};

const hidden = {
  name: "n",
  passWord: "***",
  key: "***",
  codes: "***",
  way: { case: "pin", value: "***" },
};

async function argsOf(
  request: unknown,
  given: { readonly options?: LoggingOptions; readonly method?: DescMethod } = {},
) {
  const { logger, records } = memoryLogger();
  const transport = {
    kind: "grpc",
    endpoint: "",
    operation: "/t.S/M",
    requestHeader: new HeaderMap(),
    replyHeader: new HeaderMap(),
    ...(given.method === undefined ? {} : { method: given.method }),
  };
  const handler = logging({ logger, ...given.options })(() => Promise.resolve("reply"));
  await handler(request, withServerTransport(background, transport));
  return records[0]?.fields["args"];
}

describe("logging() and debug_redact", () => {
  it("logging() masks the fields that are debug_redact, by the method that the transport names", async () => {
    const message = create(schema("Secret"), secret);
    const method = registry.getService("t.S")?.method["m"];
    if (method === undefined) throw new TypeError("no method");
    expect(await argsOf(message, { method })).toMatchObject(hidden);
    expect(message).toMatchObject(secret);
  });

  it("logging() masks at any depth: in fields, lists, maps, oneofs and types that hold themselves", async () => {
    const holder = create(schema("Holder"), {
      one: { ...secret, self: secret },
      many: [secret],
      byKey: { a: secret },
      choice: { case: "chosen", value: create(schema("Secret"), secret) },
    });
    expect(await argsOf(holder, { options: { registry } })).toMatchObject({
      one: { ...hidden, self: hidden },
      many: [hidden],
      byKey: { a: hidden },
      choice: { case: "chosen", value: hidden },
    });
  });

  it("logging() shows the other members of a oneof", async () => {
    const message = create(schema("Secret"), { way: { case: "open", value: "seen" } });
    expect(await argsOf(message, { options: { registry } })).toMatchObject({
      way: { case: "open", value: "seen" },
    });
  });

  it("logging() passes messages that hide nothing, or are not known, on themselves", async () => {
    const plain = create(schema("Plain"), { name: "n" });
    expect(await argsOf(plain, { options: { registry } })).toBe(plain);
    const unknown = create(schema("Secret"), secret);
    expect(await argsOf(unknown)).toBe(unknown);
  });
});
