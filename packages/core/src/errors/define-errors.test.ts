import {
  create,
  createFileRegistry,
  createRegistry,
  fromBinary,
  toBinary,
  setExtension,
} from "@bufbuild/protobuf";
import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import {
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
} from "@bufbuild/protobuf/wkt";
import {
  code as codeOption,
  default_code,
  file_errors_errors,
} from "@kratosjs/protos/errors/errors_pb.js";
import { describe, expect, it } from "vitest";
import { defineErrors, fromGrpcStatus, KratosError, toGrpcStatus } from "./index.ts";

const Reason = { USER_NOT_FOUND: 0, NAME_INVALID: 1, OTHER: 2 } as const;

/** The enum of a proto file with these codes, as protoc-gen-es would describe it. */
function enumOf(codes: Readonly<Record<string, number>>, defaultCode = 0): GenEnum<0 | 1 | 2> {
  const options = create(EnumOptionsSchema);
  if (defaultCode !== 0) setExtension(options, default_code, defaultCode);
  const value = Object.entries(codes).map(([name, code], number) => {
    const valueOptions = create(EnumValueOptionsSchema);
    if (code !== 0) setExtension(valueOptions, codeOption, code);
    return { name, number, options: valueOptions };
  });
  const file = create(FileDescriptorProtoSchema, {
    name: "reason.proto",
    package: "test",
    syntax: "proto3",
    dependency: ["errors/errors.proto"],
    enumType: [{ name: "Reason", value, options }],
  });
  const set = create(FileDescriptorSetSchema, {
    file: [
      file_google_protobuf_descriptor.proto,
      file_errors_errors.proto,
      fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, file)),
    ],
  });
  const found = createRegistry(createFileRegistry(set)).getEnum("test.Reason");
  if (found === undefined) throw new Error("no enum");
  return found as GenEnum<0 | 1 | 2>; // what protoc-gen-es would have said
}

describe("defineErrors()", () => {
  const errors = defineErrors(
    Reason,
    enumOf({ USER_NOT_FOUND: 404, NAME_INVALID: 400, OTHER: 0 }, 500),
  );

  it("makes a factory of each value, with its own code or the default", () => {
    expect(errors.userNotFound("no user 7", { metadata: { id: "7" } })).toMatchObject({
      code: 404,
      reason: "USER_NOT_FOUND",
      message: "no user 7",
      metadata: { id: "7" },
    });
    expect(errors.other("x")).toMatchObject({ code: 500, reason: "OTHER" });
  });

  it("makes a test that wants reason and code, and survives a wire", () => {
    const error = errors.userNotFound("m");
    expect(errors.isUserNotFound(fromGrpcStatus(toGrpcStatus(error)))).toBe(true);
    expect(
      errors.isUserNotFound(new KratosError("m", { code: 400, reason: "USER_NOT_FOUND" })),
    ).toBe(false);
    expect(errors.isNameInvalid(error)).toBe(false);
    expect(errors.isUserNotFound(undefined)).toBe(false);
  });

  it("refuses the use of a value without a code", () => {
    const partly = defineErrors(Reason, enumOf({ USER_NOT_FOUND: 404, NAME_INVALID: 0, OTHER: 0 }));
    expect(Object.keys(partly)).toEqual(["userNotFound", "isUserNotFound"]);
    expect(() => partly.nameInvalid("x")).toThrow(/"NAME_INVALID" must have \(errors.code\)/);
  });

  it("refuses an enum without codes, codes out of range and a stranger's schema", () => {
    expect(() => defineErrors(Reason, enumOf({ USER_NOT_FOUND: 0 }))).toThrow(TypeError);
    expect(() => defineErrors(Reason, enumOf({ USER_NOT_FOUND: 601 }))).toThrow(
      /must be 0 to 600: current value is 601/,
    );
    expect(() => defineErrors({ A: 0 }, enumOf({ USER_NOT_FOUND: 404 }))).toThrow(
      /stranger "USER_NOT_FOUND"/,
    );
  });
});
