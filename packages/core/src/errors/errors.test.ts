import { describe, expect, it } from "vitest";
import {
  badRequest,
  code,
  fromError,
  GrpcCode,
  isKratosError,
  KratosError,
  notFound,
  toGrpcStatus,
} from "./index.ts";

describe("KratosError", () => {
  it("has Kratos's defaults", () => {
    const error = new KratosError("boom");
    expect(error).toMatchObject({
      name: "KratosError",
      code: 500,
      reason: "",
      message: "boom",
      metadata: {},
    });
    expect(error).toBeInstanceOf(Error);
  });

  it("refuses a code that is no integer", () => {
    expect(() => new KratosError("x", { code: 4.5 })).toThrow(RangeError);
  });

  it("withMetadata() and withCause() answer copies that keep the rest", () => {
    const cause = new Error("disk");
    const error = notFound("USER_NOT_FOUND", "no user", { metadata: { a: "1" }, cause });
    const copy = error.withMetadata({ b: "2" });
    expect(error.metadata).toEqual({ a: "1" });
    expect(copy).toMatchObject({
      code: 404,
      reason: "USER_NOT_FOUND",
      message: "no user",
      metadata: { b: "2" },
      cause,
    });
    expect(error.withCause("other")).toMatchObject({ metadata: { a: "1" }, cause: "other" });
  });

  it("keeps metadata of any name without touching prototypes", () => {
    const error = badRequest("R", "m", {
      metadata: JSON.parse('{"__proto__":"x"}') as Record<string, string>,
    });
    expect(Object.keys(error.metadata)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("format() is Go's text", () => {
    const error = badRequest("r", "m", { metadata: { b: "2", a: "b" } });
    expect(error.format()).toBe(
      "error: code = 400 reason = r message = m metadata = map[a:b b:2] cause = <nil>",
    );
  });

  it("is known across copies of the package", () => {
    const stranger = Object.assign(new Error("x"), { code: 404 });
    Object.defineProperty(stranger, Symbol.for("kratos/error"), { value: true });
    expect(isKratosError(stranger)).toBe(true);
    expect(isKratosError({ code: 404, reason: "R" })).toBe(false);
    expect(isKratosError(null)).toBe(false);
  });
});

describe("fromError()", () => {
  it("answers the KratosError inside a chain of causes itself", () => {
    const inner = notFound("R", "m");
    expect(fromError(new Error("a", { cause: new Error("b", { cause: inner }) }))).toBe(inner);
  });

  it("survives a chain of causes that is a circle", () => {
    const error = new Error("round");
    error.cause = error;
    expect(fromError(error)).toMatchObject({ code: 500, message: "round" });
  });

  it("takes an abort for 499 and a timeout for 504", () => {
    expect(code(new DOMException("gone", "AbortError"))).toBe(499);
    expect(code(AbortSignal.timeout(0).reason ?? new DOMException("late", "TimeoutError"))).toBe(
      504,
    );
  });

  it("converts anything that can be thrown", () => {
    for (const thrown of ["text", 7, Symbol("s"), { toString: 1 }, null, undefined]) {
      expect(fromError(thrown)).toMatchObject({ code: 500, reason: "" });
    }
    expect(fromError("text").message).toBe("text");
  });

  it("reads the ServiceError of a foreign gRPC library", () => {
    const foreign = Object.assign(new Error("5 NOT_FOUND: nope"), {
      code: 5,
      details: "nope",
      metadata: { get: () => [] },
    });
    expect(fromError(foreign)).toMatchObject({ code: 404, message: "nope", grpcCode: 5 });
  });
});

describe("toGrpcStatus()", () => {
  it("never ends an error as OK", () => {
    expect(toGrpcStatus(new KratosError("m", { code: 200 })).code).toBe(GrpcCode.UNKNOWN);
  });

  it("gives a plain error no details", () => {
    expect(toGrpcStatus(new Error("boom"))).toEqual({
      code: GrpcCode.UNKNOWN,
      message: "boom",
      details: [],
    });
  });

  it("finds the KratosError in a chain of causes, and the status of a foreign library", () => {
    const wrapped = toGrpcStatus(new Error("around", { cause: notFound("R", "m") }));
    expect(wrapped).toMatchObject({ code: GrpcCode.NOT_FOUND, message: "m" });
    expect(wrapped.details).toHaveLength(1);
    const foreign = Object.assign(new Error("5 NOT_FOUND: nope"), {
      code: 5,
      details: "nope",
      metadata: { get: () => [] },
    });
    expect(toGrpcStatus(foreign)).toEqual({ code: 5, message: "nope", details: [] });
  });

  it("keeps a gRPC code that HTTP cannot say", () => {
    expect(
      toGrpcStatus(new KratosError("m", { code: 409, grpcCode: GrpcCode.ALREADY_EXISTS })).code,
    ).toBe(6);
  });
});
