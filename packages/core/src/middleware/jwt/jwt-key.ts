import type { KeyObject } from "node:crypto";
import type { CryptoKey, JWK, JWTHeaderParameters } from "jose";

/** What a token's head says before anything of it is verified. */
export type JwtHeader = Readonly<JWTHeaderParameters>;

/**
 * A key. Text and bytes are a secret, for HMAC only. Key pairs are a KeyObject of `node:crypto`
 * (`createPublicKey(pem)`), a CryptoKey or a JWK.
 */
export type JwtKey = string | Uint8Array | CryptoKey | KeyObject | JWK;

/**
 * Finds the key for a token by its head: by `kid`, where keys rotate. The head is what the peer says; its algorithm
 * is one of those accepted. It answers undefined where there is none, or throws. jose's `createRemoteJWKSet(url)` and `createLocalJWKSet(keys)` are such functions.
 */
export type JwtKeyFunc = (header: JwtHeader) => JwtKey | undefined | Promise<JwtKey | undefined>;
