import { GrpcCode, httpFromGrpcCode } from "../../errors/index.ts";

/** By gRPC code; Connect has the same codes in lower case, and another spelling of one. */
const names: readonly string[] = Object.keys(GrpcCode).map((name) =>
  name === "CANCELLED" ? "canceled" : name.toLowerCase(),
);

/** The name Connect has for a gRPC code: `unknown` for OK and for codes nobody defined. */
export function connectCodeName(code: number): string {
  return code > 0 ? (names[code] ?? "unknown") : "unknown";
}

/** The gRPC code of a name; undefined when Connect has no such. */
export function connectCodeOf(name: string): number | undefined {
  const code = names.indexOf(name);
  return code > 0 ? code : undefined;
}

/** The HTTP status of a unary answer with this gRPC code: Kratos's table, but for FAILED_PRECONDITION. */
export function connectHttpStatus(code: number): number {
  return code === GrpcCode.FAILED_PRECONDITION ? 400 : httpFromGrpcCode(code);
}
