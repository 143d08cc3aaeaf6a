/**
 * The signing methods a token may name. Unsecured tokens ("none") are none of them, so that no list of
 * accepted algorithms can ever hold it.
 */
export type JwtAlgorithm =
  | "HS256"
  | "HS384"
  | "HS512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA"
  | "Ed25519";

/** The types of keys, by their names in a JWK. */
export type KeyType = "oct" | "RSA" | "EC" | "OKP";

const keyTypes: ReadonlyMap<unknown, KeyType> = new Map<JwtAlgorithm, KeyType>([
  ["HS256", "oct"],
  ["HS384", "oct"],
  ["HS512", "oct"],
  ["RS256", "RSA"],
  ["RS384", "RSA"],
  ["RS512", "RSA"],
  ["PS256", "RSA"],
  ["PS384", "RSA"],
  ["PS512", "RSA"],
  ["ES256", "EC"],
  ["ES384", "EC"],
  ["ES512", "EC"],
  ["EdDSA", "OKP"],
  ["Ed25519", "OKP"],
]);

/** The type of key an algorithm needs; undefined for what is no algorithm here. */
export function keyTypeOf(algorithm: unknown): KeyType | undefined {
  return keyTypes.get(algorithm);
}

/** The bytes of an HMAC's hash, which its secret must have at least (RFC 7518, 3.2). */
export function hashBytes(algorithm: string): number {
  return Number(algorithm.slice(2)) / 8;
}

/**
 * Checks and copies a list of algorithms.
 * @throws {TypeError} If it is empty, names what is no algorithm, or mixes secrets with key pairs: a public key
 * could then be taken for a secret that everybody knows.
 */
export function checkAlgorithms(algorithms: readonly JwtAlgorithm[]): readonly JwtAlgorithm[] {
  if (!Array.isArray(algorithms) || algorithms.length === 0)
    throw new TypeError(
      `Cannot accept tokens as algorithms must be a list of one or more: current value is ${JSON.stringify(algorithms)}`,
    );
  for (const algorithm of algorithms) {
    if (keyTypeOf(algorithm) !== undefined) continue;
    throw new TypeError(
      `Cannot use JWT as the algorithm must be one of ${[...keyTypes.keys()].join(", ")}: current value is ${JSON.stringify(algorithm)}`,
    );
  }
  const secrets = algorithms.filter((algorithm) => keyTypeOf(algorithm) === "oct");
  if (secrets.length > 0 && secrets.length < algorithms.length)
    throw new TypeError(
      `Cannot accept tokens as algorithms must be all of secrets or all of key pairs: current value is ${JSON.stringify(algorithms)}`,
    );
  return [...algorithms];
}
