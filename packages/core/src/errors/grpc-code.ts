/** The canonical gRPC status codes by name. */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A canonical gRPC status code. */
export type GrpcCode = (typeof GrpcCode)[keyof typeof GrpcCode];

/** By gRPC code, 0 to 16. */
const httpOfGrpc: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 412, 409, 400, 501, 500, 503, 500, 401,
];

/** Maps an HTTP status to a gRPC code by Kratos v3's table: exact matches, UNKNOWN for all others. */
export function grpcCodeFromHttp(status: number): number {
  // Of the codes that share a status these two are meant, of all others the first.
  if (status === 409) return GrpcCode.ABORTED;
  if (status === 500) return GrpcCode.INTERNAL;
  const code = httpOfGrpc.indexOf(status);
  return code === -1 ? GrpcCode.UNKNOWN : code;
}

/** Maps a gRPC code to an HTTP status by Kratos v3's table: 500 for codes nobody defined. */
export function httpFromGrpcCode(code: number): number {
  return httpOfGrpc[code] ?? 500;
}
