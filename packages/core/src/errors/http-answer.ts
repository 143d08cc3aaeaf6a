import type { GrpcCode } from "./grpc-code.ts";

type CodeName = keyof typeof GrpcCode;

const byHttp: ReadonlyMap<string, CodeName> = new Map([
  ["400", "INTERNAL"],
  ["401", "UNAUTHENTICATED"],
  ["403", "PERMISSION_DENIED"],
  ["404", "UNIMPLEMENTED"],
  ["429", "UNAVAILABLE"],
  ["502", "UNAVAILABLE"],
  ["503", "UNAVAILABLE"],
  ["504", "UNAVAILABLE"],
]);

/** The gRPC code of an answer that has only an HTTP status: something between the peers has answered. */
export function codeOfHttpAnswer(status: string): CodeName {
  return byHttp.get(status) ?? "UNKNOWN";
}
