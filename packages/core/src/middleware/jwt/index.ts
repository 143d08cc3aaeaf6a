export { clientJwt, type ClientJwtOptions } from "./client-jwt.ts";
export { jwt, type JwtOptions } from "./jwt.ts";
export type { JwtAlgorithm } from "./jwt-algorithm.ts";
export { type JwtClaims, jwtClaims, withJwtClaims } from "./jwt-claims.ts";
export { type JwtError, type JwtErrors, jwtErrors } from "./jwt-errors.ts";
export type { JwtHeader, JwtKey, JwtKeyFunc } from "./jwt-key.ts";
