import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { fromError, httpFromGrpcCode, KratosError } from "@kratosjs/core/errors";
import { Code } from "../gen/connectrpc/conformance/v1/config_pb.ts";
import { type Error as Status, ErrorSchema } from "../gen/connectrpc/conformance/v1/service_pb.ts";

/** The suite counts as gRPC does. */
const codes: ReadonlyMap<number | undefined, Code> = new Map(
  Object.values(Code)
    .filter((code) => typeof code === "number")
    .map((code) => [code, code]),
);

/** Makes the error the runner wants to be answered with. */
export function errorOf(status: Status, further: readonly Any[]): KratosError {
  return new KratosError(status.message ?? "", {
    code: httpFromGrpcCode(status.code),
    grpcCode: status.code,
    details: [...status.details, ...further],
  });
}

/** Tells the runner of an error a call ended with. */
export function statusOf(error: unknown): Status {
  const { message, grpcCode, details } = fromError(error);
  return create(ErrorSchema, {
    code: codes.get(grpcCode) ?? Code.UNKNOWN,
    message,
    details: [...details],
  });
}
