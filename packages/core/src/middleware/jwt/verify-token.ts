import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyOptions } from "jose";
import { isKratosError, type KratosError, messageOf } from "../../errors/index.ts";
import { keyTypeOf } from "./jwt-algorithm.ts";
import type { JwtClaims } from "./jwt-claims.ts";
import { jwtErrors } from "./jwt-errors.ts";
import type { KeySource } from "./key-source.ts";
import { readClaims } from "./read-claims.ts";

/** How tokens are verified. */
export interface Verification {
  readonly source: KeySource;
  /** What jose checks, but for the time of it. */
  readonly checks: JWTVerifyOptions;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

// A decoder may pass over blanks and padding, by which one token would have many forms.
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Verifies a token, first its algorithm, then its signature, then its claims.
 * @throws {KratosError} One of `jwtErrors`; no cause of it holds anything of the token.
 */
export async function verifyToken(token: string, verification: Verification): Promise<JwtClaims> {
  if (!compactForm.test(token)) throw jwtErrors.tokenInvalid();
  const { source, checks, now } = verification;
  try {
    const { payload } = await jwtVerify(token, source, {
      ...checks,
      currentDate: new Date(now()),
    });
    return readClaims(payload);
  } catch (error) {
    throw refusal(error, token);
  }
}

function refusal(error: unknown, token: string): KratosError {
  if (isKratosError(error)) return error;
  // Not the error itself: it holds the claims, or a piece of what could not be parsed.
  const options = { cause: new Error(messageOf(error)) };
  if (error instanceof errors.JWTExpired || isTooEarly(error))
    return jwtErrors.tokenExpired(options);
  if (error instanceof errors.JOSEAlgNotAllowed && namesKnownAlgorithm(token))
    return jwtErrors.unsupportedSigningMethod(options);
  return isMalformed(error) ? jwtErrors.tokenInvalid(options) : jwtErrors.tokenParseFail(options);
}

function isTooEarly(error: unknown): boolean {
  return (
    error instanceof errors.JWTClaimValidationFailed &&
    error.claim === "nbf" &&
    error.reason === "check_failed"
  );
}

function namesKnownAlgorithm(token: string): boolean {
  return keyTypeOf(decodeProtectedHeader(token).alg) !== undefined;
}

function isMalformed(error: unknown): boolean {
  return [
    errors.JWSInvalid,
    errors.JWTInvalid,
    errors.JOSENotSupported,
    errors.JOSEAlgNotAllowed,
  ].some((kind) => error instanceof kind);
}
