import type { DescMethod } from "@bufbuild/protobuf";
import { create, createFileRegistry, setExtension } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodOptionsSchema,
  file_google_protobuf_descriptor,
} from "@bufbuild/protobuf/wkt";
import { file_google_api_annotations, http } from "@kratosjs/protos/google/api/annotations_pb.js";
import { HttpRuleSchema, file_google_api_http } from "@kratosjs/protos/google/api/http_pb.js";

/** A rule as test cases write it. */
export interface Rule {
  readonly pattern?:
    | { readonly case: "get" | "put" | "post" | "delete" | "patch"; readonly value: string }
    | { readonly case: "custom"; readonly value: { readonly kind: string; readonly path: string } };
  readonly body?: string;
  readonly responseBody?: string;
  readonly additionalBindings?: Rule[];
}

const field = (
  name: string,
  number: number,
  type = Type.STRING,
  label = Label.OPTIONAL,
  typeName = "",
) => ({
  name,
  number,
  type,
  label,
  typeName,
  // As protoc writes it.
  jsonName: name.replaceAll(/_([a-z])/g, (_found, letter: string) => letter.toUpperCase()),
});
const members = [
  field("name", 1),
  field("id", 2),
  field("user_info", 3, Type.MESSAGE, Label.OPTIONAL, ".test.Sub"),
  field("tags", 4, Type.STRING, Label.REPEATED),
  field("item", 5, Type.MESSAGE, Label.OPTIONAL, ".test.Sub"),
  field("body", 6, Type.MESSAGE, Label.OPTIONAL, ".test.Sub"),
  field("data", 7, Type.MESSAGE, Label.OPTIONAL, ".test.Sub"),
];

/** The method of a proto file with this rule, as protoc would describe it. */
export function methodOf(
  rule: Rule | undefined,
  names = { service: "Greeter", method: "SayHello" },
): DescMethod {
  const options = create(MethodOptionsSchema);
  if (rule !== undefined) setExtension(options, http, create(HttpRuleSchema, rule));
  const file = create(FileDescriptorProtoSchema, {
    name: "test.proto",
    package: "test",
    syntax: "proto3",
    dependency: ["google/api/annotations.proto"],
    messageType: [
      { name: "Request", field: members },
      { name: "Sub", field: [field("name", 1), field("user_name", 2)] },
    ],
    service: [
      {
        name: names.service,
        method: [
          { name: names.method, inputType: ".test.Request", outputType: ".test.Request", options },
        ],
      },
    ],
  });
  const set = create(FileDescriptorSetSchema, {
    file: [
      file_google_protobuf_descriptor.proto,
      file_google_api_http.proto,
      file_google_api_annotations.proto,
      file,
    ],
  });
  const method = createFileRegistry(set).getService(`test.${names.service}`)?.methods[0];
  if (method === undefined) throw new Error("the service has no method");
  return method;
}
