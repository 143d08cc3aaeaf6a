import { code } from "./from-error.ts";
import { KratosError, type KratosErrorOptions } from "./kratos-error.ts";

/** What a named error may carry besides code, reason and message. */
export type NamedErrorOptions = Omit<KratosErrorOptions, "code" | "reason">;

type NamedError = (reason: string, message: string, options?: NamedErrorOptions) => KratosError;
type NamedTest = (error: unknown) => boolean;

function named(status: number): NamedError {
  return (reason, message, options) =>
    new KratosError(message, { ...options, code: status, reason });
}

function hasCode(expected: number): NamedTest {
  return (error) => code(error) === expected;
}

/** Makes a 400: the request is wrong. */
export const badRequest: NamedError = /* @__PURE__ */ named(400);
/** Makes a 401: the caller is not known. */
export const unauthorized: NamedError = /* @__PURE__ */ named(401);
/** Makes a 403: the caller may not. */
export const forbidden: NamedError = /* @__PURE__ */ named(403);
/** Makes a 404: there is no such thing. */
export const notFound: NamedError = /* @__PURE__ */ named(404);
/** Makes a 409: the state of the thing forbids it. */
export const conflict: NamedError = /* @__PURE__ */ named(409);
/** Makes a 429: too often. */
export const tooManyRequests: NamedError = /* @__PURE__ */ named(429);
/** Makes a 499: the caller left. */
export const clientClosed: NamedError = /* @__PURE__ */ named(499);
/** Makes a 500: the server is at fault. */
export const internalServer: NamedError = /* @__PURE__ */ named(500);
/** Makes a 503: not now. */
export const serviceUnavailable: NamedError = /* @__PURE__ */ named(503);
/** Makes a 504: time ran out. */
export const gatewayTimeout: NamedError = /* @__PURE__ */ named(504);

/** Whether `fromError` of it has code 400. The others likewise. */
export const isBadRequest: NamedTest = /* @__PURE__ */ hasCode(400);
export const isUnauthorized: NamedTest = /* @__PURE__ */ hasCode(401);
export const isForbidden: NamedTest = /* @__PURE__ */ hasCode(403);
export const isNotFound: NamedTest = /* @__PURE__ */ hasCode(404);
export const isConflict: NamedTest = /* @__PURE__ */ hasCode(409);
export const isTooManyRequests: NamedTest = /* @__PURE__ */ hasCode(429);
export const isClientClosed: NamedTest = /* @__PURE__ */ hasCode(499);
export const isInternalServer: NamedTest = /* @__PURE__ */ hasCode(500);
export const isServiceUnavailable: NamedTest = /* @__PURE__ */ hasCode(503);
export const isGatewayTimeout: NamedTest = /* @__PURE__ */ hasCode(504);
