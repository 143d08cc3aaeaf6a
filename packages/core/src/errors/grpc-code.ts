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

const grpcOfHttp: ReadonlyMap<number, number> = new Map([
  [200, GrpcCode.OK],
  [400, GrpcCode.INVALID_ARGUMENT],
  [401, GrpcCode.UNAUTHENTICATED],
  [403, GrpcCode.PERMISSION_DENIED],
  [404, GrpcCode.NOT_FOUND],
  [409, GrpcCode.ABORTED],
  [412, GrpcCode.FAILED_PRECONDITION],
  [429, GrpcCode.RESOURCE_EXHAUSTED],
  [499, GrpcCode.CANCELLED],
  [500, GrpcCode.INTERNAL],
  [501, GrpcCode.UNIMPLEMENTED],
  [503, GrpcCode.UNAVAILABLE],
  [504, GrpcCode.DEADLINE_EXCEEDED],
]);

/** By gRPC code, 0 to 16. */
const httpOfGrpc: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 412, 409, 400, 501, 500, 503, 500, 401,
];

/** Maps an HTTP status to a gRPC code by Kratos v3's table: exact matches, UNKNOWN for all others. */
export function grpcCodeFromHttp(status: number): number {
  return grpcOfHttp.get(status) ?? GrpcCode.UNKNOWN;
}

/** Maps a gRPC code to an HTTP status by Kratos v3's table: 500 for codes nobody defined. */
export function httpFromGrpcCode(code: number): number {
  return httpOfGrpc[code] ?? 500;
}
