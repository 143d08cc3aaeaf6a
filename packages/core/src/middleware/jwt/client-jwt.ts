import { type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { isKratosError } from "../../errors/index.ts";
import { clientTransport } from "../../transport/index.ts";
import type { Middleware } from "../index.ts";
import { checkAlgorithms, type JwtAlgorithm } from "./jwt-algorithm.ts";
import type { JwtClaims } from "./jwt-claims.ts";
import { jwtErrors } from "./jwt-errors.ts";
import type { JwtKey, JwtKeyFunc } from "./jwt-key.ts";
import { createKeySource, type KeySource } from "./key-source.ts";

export interface ClientJwtOptions {
  /** What tokens are signed with. @default "HS256" */
  readonly algorithm?: JwtAlgorithm;
  /**
   * What tokens say; a function is asked at each call, as for an `exp` that moves on. With claims and a key that
   * are no functions one token is signed for all calls. @default {{}}
   */
  readonly claims?: JwtClaims | (() => JwtClaims);
  /** What the head of tokens says besides `alg`: `kid`, or another `typ` than "JWT". @default {{}} */
  readonly tokenHeader?: Readonly<Record<string, unknown>>;
  /** Takes secrets shorter than the hash, which can be guessed from any token they signed. @default false */
  readonly allowShortSecrets?: boolean;
}

/**
 * Client: sends a token, signed with the key, as `Authorization: Bearer ...` with each call, in place of
 * what stood there.
 * @throws {TypeError} If there is no key, it does not fit the algorithm, or `tokenHeader` names another one.
 * @throws {RangeError} If a secret is shorter than the hash.
 */
export function clientJwt(key: JwtKey | JwtKeyFunc, options: ClientJwtOptions = {}): Middleware {
  const alg = options.algorithm ?? "HS256";
  const algorithms = checkAlgorithms([alg]);
  const source = createKeySource(key, {
    algorithms,
    usage: "sign",
    allowsShortSecrets: options.allowShortSecrets ?? false,
    lookUpFailed: jwtErrors.getKey,
  });
  const header = headerOf(alg, options.tokenHeader ?? {});
  const claims = claimsOf(options.claims ?? {});
  const make = (): Promise<string> => sign(source, header, claims);
  const isFixed = typeof key !== "function" && typeof options.claims !== "function";
  const tokenOf = isFixed ? once(make) : make;
  return (next) => async (request, context) => {
    const token = await tokenOf();
    const transport = clientTransport(context);
    if (transport === undefined) throw jwtErrors.wrongContext();
    transport.requestHeader.set("Authorization", `Bearer ${token}`);
    return next(request, context);
  };
}

function headerOf(
  alg: JwtAlgorithm,
  more: Readonly<Record<string, unknown>>,
): Readonly<JWTHeaderParameters> {
  if ("alg" in more && more["alg"] !== alg)
    throw new TypeError(
      `Cannot sign tokens with "${alg}" as tokenHeader names another algorithm: current value is ${JSON.stringify(more["alg"])}`,
    );
  return { alg, typ: "JWT", ...more };
}

function claimsOf(claims: JwtClaims | (() => JwtClaims)): () => JwtClaims {
  if (typeof claims === "function") return claims;
  const copied = { ...claims };
  return () => copied;
}

async function sign(
  source: KeySource,
  header: Readonly<JWTHeaderParameters>,
  claims: () => JwtClaims,
): Promise<string> {
  try {
    const key = await source(header);
    const payload = { ...claims() } as JWTPayload; // differs by `readonly` only, and jose copies it
    return await new SignJWT(payload).setProtectedHeader({ ...header }).sign(key);
  } catch (error) {
    throw isKratosError(error) ? error : jwtErrors.signToken({ cause: error });
  }
}

/** Remembers what was made; a failure is tried again. */
function once(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
