/**
 * Knows callers by the signed token they send (`Authorization: Bearer ...`), and signs the calls of a client:
 *
 *     new HttpServer({ middleware: [recovery(), jwt(secret, { issuer: "https://id.example.com" })] });
 *     new HttpServer({ middleware: [jwt(createRemoteJWKSet(url), { algorithms: ["RS256"], audience: "shop" })] });
 *     new GrpcClient({ middleware: [clientJwt(secret, { claims: { sub: "shop" } })] });
 *
 * and in a method `jwtClaims(ctx)?.sub`. To let some operations in without a token, give it to `selector()`.
 *
 * Ported from go-kratos/kratos v2.9.2 middleware/auth/jwt/jwt.go with v3's parser options. Different on purpose: the
 * algorithm is checked before the key is asked for; a missing, unfit or short key is an error at construction.
 */
import type { JWTVerifyOptions } from "jose";
import { isKratosError } from "../../errors/index.ts";
import { serverTransport } from "../../transport/index.ts";
import type { Middleware } from "../index.ts";
import { checkAlgorithms, type JwtAlgorithm } from "./jwt-algorithm.ts";
import { type JwtClaims, withJwtClaims } from "./jwt-claims.ts";
import { jwtErrors } from "./jwt-errors.ts";
import type { JwtKey, JwtKeyFunc } from "./jwt-key.ts";
import { createKeySource } from "./key-source.ts";
import { verifyToken } from "./verify-token.ts";

export interface JwtOptions {
  /** The algorithms that are accepted: those of HMAC, or those of key pairs. @default ["HS256"] */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Who must have issued the token: one of these. @default anybody */
  readonly issuer?: string | readonly string[];
  /** Whom the token must be for: one of these. @default anybody */
  readonly audience?: string | readonly string[];
  /** Whom the token must be about. @default anybody */
  readonly subject?: string;
  /** Claims that must be there. @default none */
  readonly requiredClaims?: readonly string[];
  /** What `typ` in the token's head must be, such as "at+jwt". @default anything */
  readonly tokenType?: string;
  /** Milliseconds by which clocks may differ. @default 0 */
  readonly clockToleranceMs?: number;
  /** Milliseconds since the token was issued, which `iat` must then tell. @default as long as `exp` allows */
  readonly maxTokenAgeMs?: number;
  /**
   * Makes the claims the method sees of those in the token, or throws: a KratosError is answered as it is, anything
   * else as a token that cannot be parsed. @default as in the token
   */
  readonly claims?: (claims: JwtClaims) => JwtClaims;
  /** Takes secrets shorter than the hash, which can be guessed from any token they signed. @default false */
  readonly allowShortSecrets?: boolean;
  /** The time, in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * Server: refuses calls without a valid token with 401, and puts the token's claims into `jwtClaims(ctx)`.
 * @throws {TypeError} If there is no key, or it does not fit the algorithms.
 * @throws {RangeError} If a secret is shorter than the hash, or a time is negative.
 */
export function jwt(key: JwtKey | JwtKeyFunc, options: JwtOptions = {}): Middleware {
  const algorithms = checkAlgorithms(options.algorithms ?? ["HS256"]);
  const allowsShortSecrets = options.allowShortSecrets ?? false;
  const source = createKeySource(key, {
    algorithms,
    usage: "verify",
    allowsShortSecrets,
    lookUpFailed: jwtErrors.tokenInvalid,
  });
  const checks = checksOf(options, algorithms);
  const verification = { source, checks, now: options.now ?? Date.now };
  const shape = options.claims ?? ((claims) => claims);
  return (next) => async (request, context) => {
    const transport = serverTransport(context);
    if (transport === undefined) throw jwtErrors.wrongContext();
    const token = bearerToken(transport.requestHeader.get("authorization"));
    const claims = await verifyToken(token, verification);
    return next(request, withJwtClaims(context, shaped(claims, shape)));
  };
}

function checksOf(options: JwtOptions, algorithms: readonly JwtAlgorithm[]): JWTVerifyOptions {
  const { issuer, audience, subject, tokenType: typ, maxTokenAgeMs } = options;
  return {
    algorithms: [...algorithms],
    requiredClaims: [...(options.requiredClaims ?? [])],
    clockTolerance: secondsOf("clockToleranceMs", options.clockToleranceMs ?? 0),
    ...(issuer !== undefined && { issuer: listOf("issuer", issuer) }),
    ...(audience !== undefined && { audience: listOf("audience", audience) }),
    ...(subject !== undefined && { subject }),
    ...(typ !== undefined && { typ }),
    ...(maxTokenAgeMs !== undefined && { maxTokenAge: secondsOf("maxTokenAgeMs", maxTokenAgeMs) }),
  };
}

function listOf(name: string, texts: string | readonly string[]): string[] {
  const list = typeof texts === "string" ? [texts] : [...texts];
  if (list.length > 0) return list;
  throw new TypeError(
    `Cannot verify tokens as ${name} must name one or more: current value is an empty list`,
  );
}

function secondsOf(name: string, valueMs: number): number {
  if (Number.isFinite(valueMs) && valueMs >= 0) return valueMs / 1000;
  throw new RangeError(
    `Cannot verify tokens as ${name} must be 0 or more: current value is ${valueMs}`,
  );
}

function bearerToken(authorization: string): string {
  const blank = authorization.indexOf(" ");
  if (blank === -1 || authorization.slice(0, blank).toLowerCase() !== "bearer")
    throw jwtErrors.missingJwtToken();
  return authorization.slice(blank + 1);
}

function shaped(claims: JwtClaims, shape: (claims: JwtClaims) => JwtClaims): JwtClaims {
  try {
    return shape(claims);
  } catch (error) {
    throw isKratosError(error) ? error : jwtErrors.tokenParseFail({ cause: error });
  }
}
