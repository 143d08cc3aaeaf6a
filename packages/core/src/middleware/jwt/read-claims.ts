import type { JwtClaims } from "./jwt-claims.ts";

const harmful: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const maxDepth = 64;

/**
 * Copies a payload into objects without a prototype, and without the keys that would make one: `claims[name]`
 * finds what the token says and nothing else, whatever the name.
 * @throws {TypeError} If a registered claim has another type than it must have, or values nest too deep.
 */
export function readClaims(payload: object): JwtClaims {
  const claims = copyObject(payload, maxDepth);
  for (const name of ["iss", "sub", "jti"]) {
    if (name in claims && typeof claims[name] !== "string") throw wrongType(name);
  }
  const { aud } = claims;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if ("aud" in claims && !audiences.every((each) => typeof each === "string"))
    throw wrongType("aud");
  return claims;
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0)
    throw new TypeError(
      `Cannot read claims as they may nest ${maxDepth} deep: current value is deeper`,
    );
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item, depth - 1));
  return copyObject(value, depth - 1);
}

function copyObject(object: object, depth: number): Record<string, unknown> {
  const copied: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(object)) {
    if (!harmful.has(name)) copied[name] = copy(value, depth);
  }
  return copied;
}

function wrongType(claim: string): TypeError {
  return new TypeError(
    `Cannot read claims as "${claim}" must be text: current value is of another type`,
  );
}
