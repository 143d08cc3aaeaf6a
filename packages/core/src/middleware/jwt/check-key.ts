import { describeKey, type KeyDescription } from "./describe-key.ts";
import { hashBytes, keyTypeOf } from "./jwt-algorithm.ts";

/** What a key must be good for. */
export interface KeyRules {
  readonly usage: "sign" | "verify";
  readonly allowsShortSecrets: boolean;
}

/**
 * Checks that a key fits an algorithm, and describes it. No message holds anything of the key.
 * @throws {TypeError} If it does not.
 * @throws {RangeError} If it is a secret that is too short.
 */
export function checkKey(key: unknown, algorithm: string, rules: KeyRules): KeyDescription {
  const described = describeKey(key);
  if (described === undefined)
    throw new TypeError(
      `Cannot ${rules.usage} tokens as the key must be a secret, a KeyObject, a CryptoKey or a JWK: current value is ${nameOf(key)}`,
    );
  const type = keyTypeOf(algorithm);
  if (described.type !== type)
    throw new TypeError(
      `Cannot ${rules.usage} tokens with "${algorithm}" as its key must be of the type "${type}": current value is of "${described.type}"`,
    );
  if (type === "oct") checkSecret(described, algorithm, rules);
  else checkHalf(described, rules);
  return described;
}

function checkHalf({ half }: KeyDescription, { usage }: KeyRules): void {
  const expected = usage === "sign" ? "private" : "public";
  if (half === expected) return;
  throw new TypeError(
    `Cannot ${usage} tokens as the key must be a ${expected} one: current value is a ${half} one`,
  );
}

function checkSecret(described: KeyDescription, algorithm: string, rules: KeyRules): void {
  const { secret, secretBytes = 0 } = described;
  if (secretBytes === 0)
    throw new TypeError(
      `Cannot ${rules.usage} tokens as the secret must not be empty: current value is ""`,
    );
  // A public key taken for a secret lets everybody sign.
  if (secret !== undefined && isPem(secret))
    throw new TypeError(
      `Cannot ${rules.usage} tokens with "${algorithm}" as its key must be a secret: current value is a PEM, for createPublicKey and createPrivateKey of node:crypto`,
    );
  const leastBytes = hashBytes(algorithm);
  if (secretBytes >= leastBytes || rules.allowsShortSecrets) return;
  throw new RangeError(
    `Cannot ${rules.usage} tokens with "${algorithm}" as its secret must have ${leastBytes} bytes or more unless allowShortSecrets is set: current value is ${secretBytes}`,
  );
}

function isPem(secret: Uint8Array): boolean {
  return Buffer.from(secret.subarray(0, 256))
    .toString("latin1")
    .trimStart()
    .startsWith("-----BEGIN ");
}

function nameOf(key: unknown): string {
  if (key === null || typeof key !== "object") return key === null ? "null" : typeof key;
  return "an object of another kind";
}
