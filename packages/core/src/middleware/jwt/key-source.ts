import type { CryptoKey, JWK, KeyInput } from "jose";
import { checkKey, type KeyRules } from "./check-key.ts";
import { isJwk, type KeyDescription } from "./describe-key.ts";
import type { JwtAlgorithm } from "./jwt-algorithm.ts";
import type { JwtError } from "./jwt-errors.ts";
import type { JwtHeader, JwtKey, JwtKeyFunc } from "./jwt-key.ts";

/** Finds the key for a head; what a caller gave is checked before it is used. */
export type KeySource = (header: JwtHeader) => KeyInput | Promise<KeyInput>;

export interface KeySourceRules extends KeyRules {
  /** The algorithms that the keys are for. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** What is thrown where a key function finds no key. */
  readonly lookUpFailed: JwtError;
}

/**
 * Makes a source of what a caller gave.
 * @throws {TypeError} If it is no key, or none for the algorithms.
 * @throws {RangeError} If it is a secret that is too short.
 */
export function createKeySource(key: JwtKey | JwtKeyFunc, rules: KeySourceRules): KeySource {
  if (typeof key === "function") return foundKey(key, rules);
  let described: KeyDescription | undefined;
  for (const algorithm of rules.algorithms) described = checkKey(key, algorithm, rules);
  if (described?.secret !== undefined) return importedSecret(described.secret, rules);
  const fixed = joseKey(key);
  return () => fixed;
}

function foundKey(find: JwtKeyFunc, rules: KeySourceRules): KeySource {
  return async (header) => {
    const key = await lookUp(find, header, rules.lookUpFailed);
    return checkKey(key, header.alg, rules).secret ?? joseKey(key);
  };
}

async function lookUp(find: JwtKeyFunc, header: JwtHeader, failed: JwtError): Promise<JwtKey> {
  const { kid } = header;
  if (kid !== undefined && typeof kid !== "string") throw failed();
  let key: JwtKey | undefined;
  try {
    key = await find(header);
  } catch (cause) {
    throw failed({ cause });
  }
  if (key === undefined) throw failed();
  return key;
}

/** A secret is imported once an algorithm, of which there are as many as are accepted. */
function importedSecret(
  secret: Uint8Array<ArrayBuffer>,
  { usage }: KeyRules,
): (header: JwtHeader) => Promise<CryptoKey> {
  const imported = new Map<string, Promise<CryptoKey>>();
  return ({ alg }) => {
    let key = imported.get(alg);
    if (key === undefined) {
      const method = { name: "HMAC", hash: `SHA-${alg.slice(2)}` };
      key = crypto.subtle.importKey("raw", secret, method, false, [usage]);
      imported.set(alg, key);
    }
    return key;
  };
}

// jose freezes the JWKs it gets, so that it may remember what it made of them.
const copies = new WeakMap<JWK, JWK>();

function joseKey(key: JwtKey): KeyInput {
  if (typeof key === "string") return Buffer.from(key);
  if (!isJwk(key)) return key;
  let copy = copies.get(key);
  if (copy === undefined) {
    copy = { ...key };
    copies.set(key, copy);
  }
  return copy;
}
