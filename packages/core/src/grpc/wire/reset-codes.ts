import type { GrpcCode } from "../../errors/index.ts";

type CodeName = keyof typeof GrpcCode;

const byReset: readonly CodeName[] = [
  "INTERNAL", // NO_ERROR
  "INTERNAL", // PROTOCOL_ERROR
  "INTERNAL", // INTERNAL_ERROR
  "INTERNAL", // FLOW_CONTROL_ERROR
  "INTERNAL", // SETTINGS_TIMEOUT
  "INTERNAL", // STREAM_CLOSED
  "INTERNAL", // FRAME_SIZE_ERROR
  "UNAVAILABLE", // REFUSED_STREAM
  "CANCELLED", // CANCEL
  "INTERNAL", // COMPRESSION_ERROR
  "INTERNAL", // CONNECT_ERROR
  "RESOURCE_EXHAUSTED", // ENHANCE_YOUR_CALM
  "PERMISSION_DENIED", // INADEQUATE_SECURITY
  "UNKNOWN", // HTTP_1_1_REQUIRED
];

/** The gRPC code of a stream that the peer has reset with this RFC 9113 code. */
export function codeOfReset(code: number): CodeName {
  return byReset[code] ?? "UNKNOWN";
}

/** The RFC 9113 codes the edges send. */
export const resetCodes = { noError: 0, internalError: 2, refusedStream: 7, cancel: 8 } as const;
