import { create } from "@bufbuild/protobuf";
import { AnySchema, type Any } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { readStatus, statusFields } from "./status-fields.ts";

const detail = (typeUrl: string, bytes: number): Any =>
  create(AnySchema, { typeUrl, value: new Uint8Array(bytes) });
const sizeOf = (fields: readonly string[]): number => fields.join("").length;

describe("statusFields()", () => {
  test("statusFields() of OK is one field", () => {
    expect(statusFields({ code: 0, message: "", details: [] })).toEqual(["grpc-status", "0"]);
  });

  test("readStatus() takes back what statusFields() wrote", () => {
    const status = {
      code: 5,
      message: "no – such",
      details: [detail("type/A", 10), detail("type/B", 20)],
    };
    expect(readStatus(statusFields(status))).toMatchObject({
      code: 5,
      message: "no – such",
      details: [{ typeUrl: "type/A" }, { typeUrl: "type/B" }],
    });
  });

  test("statusFields() drops the details that would not fit, from the last on", () => {
    const fields = statusFields({
      code: 3,
      message: "m",
      details: [detail("type/A", 10), detail("type/B", 20_000)],
    });
    expect(readStatus(fields)?.details.map(({ typeUrl }) => typeUrl)).toEqual(["type/A"]);
    const none = statusFields({ code: 3, message: "m", details: [detail("type/B", 20_000)] });
    expect(none).toEqual(["grpc-status", "3", "grpc-message", "m"]);
  });

  test("statusFields() cuts a long message, not within an escape", () => {
    const fields = statusFields({
      code: 3,
      message: "ü".repeat(50_000),
      details: [detail("type/A", 1)],
    });
    expect(sizeOf(fields)).toBeLessThan(16_384);
    expect(readStatus(fields)?.message).toMatch(/^ü+\ufffd?$/);
  });

  test("readStatus() keeps the status when the rest is malformed", () => {
    expect(
      readStatus(["grpc-status", "7", "grpc-message", "%zz", "grpc-status-details-bin", "////"]),
    ).toEqual({
      code: 7,
      message: "%zz",
      details: [],
    });
    expect(readStatus(["grpc-status", "much"])).toMatchObject({ code: 2 });
    expect(readStatus(["x", "y"])).toBeUndefined();
  });
});
