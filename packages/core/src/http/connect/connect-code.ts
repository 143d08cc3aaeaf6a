import { GrpcCode, httpFromGrpcCode } from "../../errors/index.ts";

/** By gRPC code; Connect has the same codes by other names. */
const names: readonly string[] = [
  "",
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
];

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
