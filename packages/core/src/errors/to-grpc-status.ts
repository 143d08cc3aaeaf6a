import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { fromError } from "./from-error.ts";
import { GrpcCode, grpcCodeFromHttp } from "./grpc-code.ts";
import type { GrpcStatus } from "./grpc-status.ts";
import { isKratosError, type KratosError } from "./kratos-error.ts";

/**
 * Converts anything thrown to a gRPC status, by what `fromError` knows of it.
 *
 * A KratosError carries one ErrorInfo with its reason and metadata, before its further details; where
 * it stands for a status of gRPC itself and has neither, it goes out without. Plain errors are UNKNOWN
 * without details, an abort is CANCELLED, a timeout DEADLINE_EXCEEDED.
 */
export function toGrpcStatus(error: unknown): GrpcStatus {
  const known = fromError(error);
  const plain = known.cause === error && known.grpcCode === undefined && !isKratosError(error);
  if (plain) return { code: plainCode(known), message: known.message, details: [] };
  const code = known.grpcCode ?? grpcCodeFromHttp(known.code);
  return {
    // An error cannot end as OK: a peer would take the call for answered.
    code: code === GrpcCode.OK ? GrpcCode.UNKNOWN : code,
    message: known.message,
    details: isBareStatus(known) ? known.details : [errorInfo(known), ...known.details],
  };
}

/** Nobody gave it a code: 500 is no more than not knowing. */
function plainCode(error: KratosError): number {
  return error.code === 500 ? GrpcCode.UNKNOWN : grpcCodeFromHttp(error.code);
}

function isBareStatus(error: KratosError): boolean {
  const { grpcCode, reason, metadata } = error;
  return grpcCode !== undefined && reason === "" && Object.keys(metadata).length === 0;
}

function errorInfo({ reason, metadata }: KratosError) {
  return anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, metadata: { ...metadata } }));
}
