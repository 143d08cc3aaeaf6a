import { type Context, type ContextKey, createSharedContextKey } from "../../context/index.ts";

/** What a token says. Times are in seconds since 1970, as on the wire. */
export interface JwtClaims {
  /** Who issued it. */
  readonly iss?: string;
  /** Whom it is about. */
  readonly sub?: string;
  /** Whom it is for. */
  readonly aud?: string | readonly string[];
  /** When it ends. */
  readonly exp?: number;
  /** When it begins. */
  readonly nbf?: number;
  /** When it was issued. */
  readonly iat?: number;
  /** Its id. */
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

const key: ContextKey<JwtClaims | undefined> = /* @__PURE__ */ createSharedContextKey<
  JwtClaims | undefined
>("jwt/claims", undefined);

/** The claims of the token that the call came with; undefined where `jwt()` does not stand. */
export function jwtClaims(context: Context): JwtClaims | undefined {
  return context.get(key);
}

/** A context with claims, as `jwt()` makes it. For tests, and for other ways to know the caller. */
export function withJwtClaims(context: Context, claims: JwtClaims): Context {
  return context.with(key, claims);
}
