import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, anyIs, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { StatusSchema } from "@kratosjs/protos/google/rpc/status_pb.js";
import { httpFromGrpcCode } from "./grpc-code.ts";
import { KratosError } from "./kratos-error.ts";

/** The outcome of a gRPC call: what stands in grpc-status, grpc-message and grpc-status-details-bin. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly Any[];
}

/** Converts a gRPC status to a KratosError: reason and metadata come from the first ErrorInfo. */
export function fromGrpcStatus(status: GrpcStatus, cause?: unknown): KratosError {
  const at = status.details.findIndex((detail) => anyIs(detail, ErrorInfoSchema));
  const packed = status.details[at];
  const info = packed === undefined ? undefined : unpackInfo(packed);
  return new KratosError(status.message, {
    code: httpFromGrpcCode(status.code),
    grpcCode: status.code,
    reason: info?.reason ?? "",
    metadata: info?.metadata ?? {},
    details: status.details.filter((_, index) => index !== at),
    ...(cause === undefined ? {} : { cause }),
  });
}

function unpackInfo(packed: Any): { reason: string; metadata: Record<string, string> } | undefined {
  try {
    return anyUnpack(packed, ErrorInfoSchema);
  } catch {
    return undefined; // a peer's malformed detail must not hide its status
  }
}

/** Encodes a status as the bytes of grpc-status-details-bin, a google.rpc.Status. */
export function encodeGrpcStatus(status: GrpcStatus): Uint8Array {
  const { code, message, details } = status;
  return toBinary(StatusSchema, create(StatusSchema, { code, message, details: [...details] }));
}

/**
 * Decodes the bytes of grpc-status-details-bin.
 * @throws {Error} If the bytes are no google.rpc.Status.
 */
export function decodeGrpcStatus(bytes: Uint8Array): GrpcStatus {
  return fromBinary(StatusSchema, bytes);
}

/** Reads the error of a foreign gRPC library, known by its shape: `@grpc/grpc-js`'s ServiceError. */
export function grpcStatusOf(error: unknown): GrpcStatus | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, details, metadata } = error as Partial<ForeignStatus>; // what is not of this shape has no status, or no details
  if (typeof code !== "number" || typeof details !== "string" || code < 1 || code > 16)
    return undefined;
  return { code, message: details, details: detailsOf(metadata) };
}

interface ForeignStatus {
  readonly code: unknown;
  readonly details: unknown;
  readonly metadata: { get(name: string): readonly Uint8Array[] } | undefined;
}

function detailsOf(metadata: Partial<ForeignStatus>["metadata"]): readonly Any[] {
  try {
    const [first] = metadata?.get("grpc-status-details-bin") ?? [];
    return first === undefined ? [] : decodeGrpcStatus(first).details;
  } catch {
    return []; // it is what it looks like, or it has no details
  }
}
