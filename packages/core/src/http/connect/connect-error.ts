import { type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { type GrpcStatus, toGrpcStatus } from "../../errors/index.ts";
import { ErrorInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { connectCodeName } from "./connect-code.ts";

/** An error as Connect writes it, as a body or in the end of a stream. */
export interface ConnectError {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly ConnectErrorDetail[];
}

/** A google.protobuf.Any in Connect's words. */
export interface ConnectErrorDetail {
  /** The full name of the message. */
  readonly type: string;
  /** Base64 without padding. */
  readonly value: string;
  /** The message for people to read. */
  readonly debug?: JsonValue;
}

/** Converts anything thrown to what Connect writes; reason and metadata are in a google.rpc.ErrorInfo, as over gRPC. */
export function toConnectError(error: unknown): ConnectError {
  return connectErrorOf(toGrpcStatus(error));
}

/** Writes a status as Connect does. */
export function connectErrorOf({ code, message, details }: GrpcStatus): ConnectError {
  return {
    code: connectCodeName(code),
    ...(message !== "" && { message }),
    ...(details.length > 0 && { details: details.map(detailOf) }),
  };
}

function detailOf(any: Any): ConnectErrorDetail {
  const type = any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1);
  const debug = type === ErrorInfoSchema.typeName ? debugOf(any) : undefined;
  return {
    type,
    value: base64Encode(any.value, "std_raw"),
    ...(debug !== undefined && { debug }),
  };
}

function debugOf(any: Any): JsonValue | undefined {
  try {
    const info = anyUnpack(any, ErrorInfoSchema);
    return info === undefined ? undefined : toJson(ErrorInfoSchema, info);
  } catch {
    return undefined; // damaged bytes are sent on all the same
  }
}
