import { type KratosError, type NamedErrorOptions, unauthorized } from "../../errors/index.ts";

/** Makes one of the errors below. */
export type JwtError = (options?: NamedErrorOptions) => KratosError;

/**
 * The errors of this middleware by the names and with the messages that they have in Go. Each is a 401
 * `UNAUTHORIZED`; only the messages tell them apart.
 */
export interface JwtErrors {
  /** The header `Authorization` is not `Bearer <token>`. */
  readonly missingJwtToken: JwtError;
  /** In Go, a server without a key function; here that is a TypeError at construction. */
  readonly missingKeyFunc: JwtError;
  /** The token is malformed, names no algorithm that is known, or has no key. */
  readonly tokenInvalid: JwtError;
  /** The token is expired or not valid yet. */
  readonly tokenExpired: JwtError;
  /** The signature is wrong, or a claim is not as required. */
  readonly tokenParseFail: JwtError;
  /** The token is signed with an algorithm that is not accepted. */
  readonly unsupportedSigningMethod: JwtError;
  /** The middleware stands outside of the transport it is for. */
  readonly wrongContext: JwtError;
  /** In Go, a client without a key provider; here that is a TypeError at construction. */
  readonly needTokenProvider: JwtError;
  /** The client's token cannot be signed. */
  readonly signToken: JwtError;
  /** The client's key function failed. */
  readonly getKey: JwtError;
}

/** Makes the errors of this middleware. */
export const jwtErrors: JwtErrors = {
  missingJwtToken: (options) => refusal("JWT token is missing", options),
  missingKeyFunc: (options) => refusal("keyFunc is missing", options),
  tokenInvalid: (options) => refusal("Token is invalid", options),
  tokenExpired: (options) => refusal("JWT token has expired", options),
  // The blank at the end is Go's, and seen by its peers.
  tokenParseFail: (options) => refusal("Fail to parse JWT token ", options),
  unsupportedSigningMethod: (options) => refusal("Wrong signing method", options),
  wrongContext: (options) => refusal("Wrong context for middleware", options),
  needTokenProvider: (options) => refusal("Token provider is missing", options),
  signToken: (options) => refusal("Can not sign token.Is the key correct?", options),
  getKey: (options) => refusal("Can not get key while signing token", options),
};

function refusal(message: string, options: NamedErrorOptions | undefined): KratosError {
  return unauthorized("UNAUTHORIZED", message, options);
}
