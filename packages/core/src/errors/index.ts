export { KratosError, type KratosErrorOptions, isKratosError, messageOf } from "./kratos-error.ts";
export { code, fromError, isSameError, reason } from "./from-error.ts";
export { GrpcCode, grpcCodeFromHttp, httpFromGrpcCode } from "./grpc-code.ts";
export {
  decodeGrpcStatus,
  encodeGrpcStatus,
  fromGrpcStatus,
  type GrpcStatus,
} from "./grpc-status.ts";
export { grpcFailure } from "./grpc-failure.ts";
export { httpAnswerError } from "./http-answer.ts";
export { decodePercent, encodePercent } from "./percent.ts";
export { fieldValue, readStatus, statusFields } from "./status-fields.ts";
export { toGrpcStatus } from "./to-grpc-status.ts";
export { fromStatusMessage, toStatusMessage } from "./status-message.ts";
export { defineErrors, type ErrorHelpers } from "./define-errors.ts";
export {
  badRequest,
  clientClosed,
  conflict,
  forbidden,
  gatewayTimeout,
  internalServer,
  isBadRequest,
  isClientClosed,
  isConflict,
  isForbidden,
  isGatewayTimeout,
  isInternalServer,
  isNotFound,
  isServiceUnavailable,
  isTooManyRequests,
  isUnauthorized,
  type NamedErrorOptions,
  notFound,
  serviceUnavailable,
  tooManyRequests,
  unauthorized,
} from "./named-errors.ts";
