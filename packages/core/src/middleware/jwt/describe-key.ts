import { KeyObject } from "node:crypto";
import type { CryptoKey, JWK } from "jose";
import type { KeyType } from "./jwt-algorithm.ts";

/** What a key is, whatever it is given as. */
export interface KeyDescription {
  readonly type: KeyType | undefined;
  readonly half: "secret" | "public" | "private";
  /** The secret itself, where it can be had. */
  readonly secret?: Uint8Array<ArrayBuffer>;
  /** How long the secret is. */
  readonly secretBytes?: number;
}

/** Describes a key; undefined for what is none. */
export function describeKey(key: unknown): KeyDescription | undefined {
  if (typeof key === "string") return describeSecret(Buffer.from(key));
  if (key instanceof Uint8Array) return describeSecret(new Uint8Array(key));
  if (key instanceof KeyObject) return describeKeyObject(key);
  if (isCryptoKey(key)) return describeCryptoKey(key);
  return isJwk(key) ? describeJwk(key) : undefined;
}

/** Whether it is a JWK, or at least says so. */
export function isJwk(key: unknown): key is JWK {
  return typeof key === "object" && key !== null && Object.hasOwn(key, "kty");
}

function describeSecret(secret: Uint8Array<ArrayBuffer>): KeyDescription {
  return { type: "oct", half: "secret", secret, secretBytes: secret.length };
}

const typesOfNode: ReadonlyMap<unknown, KeyType> = new Map([
  ["rsa", "RSA"],
  ["ec", "EC"],
  ["ed25519", "OKP"],
]);

function describeKeyObject(key: KeyObject): KeyDescription {
  if (key.type === "secret") return describeSecret(new Uint8Array(key.export()));
  return { type: typesOfNode.get(key.asymmetricKeyType), half: key.type };
}

const typesOfWeb: ReadonlyMap<unknown, KeyType> = new Map([
  ["HMAC", "oct"],
  ["RSASSA-PKCS1-v1_5", "RSA"],
  ["RSA-PSS", "RSA"],
  ["ECDSA", "EC"],
  ["Ed25519", "OKP"],
]);

// By its tag, as a test's realm and another copy of the class have keys of their own.
function isCryptoKey(key: unknown): key is CryptoKey {
  return Object.prototype.toString.call(key) === "[object CryptoKey]";
}

function describeCryptoKey(key: CryptoKey): KeyDescription {
  const type = typesOfWeb.get(key.algorithm.name);
  if (key.type !== "secret") return { type, half: key.type };
  const bits = "length" in key.algorithm ? Number(key.algorithm.length) : 0;
  return { type, half: "secret", secretBytes: bits / 8 };
}

const typesOfJwk: ReadonlyMap<unknown, KeyType> = new Map(
  (["oct", "RSA", "EC", "OKP"] as const).map((type) => [type, type]),
);

function describeJwk(key: JWK): KeyDescription {
  const type = typesOfJwk.get(key.kty);
  if (type === "oct") return describeSecret(Buffer.from(key.k ?? "", "base64url"));
  return { type, half: key.d === undefined ? "public" : "private" };
}
