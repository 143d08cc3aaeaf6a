import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { background } from "../../context/index.ts";
import {
  clientJwt,
  jwt,
  type JwtAlgorithm,
  type JwtClaims,
  jwtErrors,
  type JwtErrors,
  type JwtKey,
} from "./index.ts";
import { answering, authorizationSent, claimsSeen } from "./testdata/calls.ts";

interface Input {
  readonly side: "server" | "client";
  readonly key: string;
  readonly signingMethod: JwtAlgorithm;
  readonly authorization?: string | null;
  readonly keyFunc?: string | null;
  readonly transport?: null;
  readonly parserOptions?: { readonly issuer?: string; readonly subject?: string };
  readonly claims?: JwtClaims | null;
}

interface Case {
  readonly name: string;
  readonly input: Input;
  readonly expected: {
    readonly claims?: JwtClaims;
    readonly header?: { readonly Authorization: string };
    readonly error?: Readonly<Record<string, unknown>>;
  };
}

function readCases(path: string): { readonly cases: readonly unknown[] } {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as {
    readonly cases: readonly unknown[];
  }; // the form of all vectors
}

const cases = readCases("testdata/jwt-middleware.json").cases as readonly Case[]; // the file's own form

/** What differs on purpose: a middleware without a key is not made in the first place. */
const refusedAtConstruction = new Set([
  "no key function beats a missing token",
  "outside a server transport without key function",
  "client without key provider",
]);

function keyOf({ key, keyFunc }: Input): JwtKey | (() => JwtKey) {
  if (keyFunc === null) return undefined as unknown as JwtKey; // as a caller without types may
  if (keyFunc === "returns an error") return () => Promise.reject(new Error("no key")) as never;
  if (keyFunc !== undefined) return () => 42 as unknown as JwtKey; // likewise
  return () => key;
}

async function run(input: Input): Promise<Case["expected"]> {
  const allowShortSecrets = true; // the secrets of the cases are
  if (input.side === "client") {
    const options = { algorithm: input.signingMethod, allowShortSecrets };
    const claims = input.claims ?? undefined;
    const made = clientJwt(keyOf(input), { ...options, ...(claims && { claims }) });
    return { header: { Authorization: await authorizationSent(made) } };
  }
  const options = { algorithms: [input.signingMethod], allowShortSecrets };
  const middleware = jwt(keyOf(input), { ...options, ...input.parserOptions });
  const context =
    input.transport === null ? background : answering(input.authorization ?? undefined);
  const claims = await claimsSeen(middleware, context);
  return claims === undefined ? {} : { claims };
}

describe("jwt() and clientJwt() by the vectors", () => {
  it.each(cases)("$name", async ({ name, input, expected }) => {
    if (refusedAtConstruction.has(name)) {
      await expect(run(input)).rejects.toThrow(TypeError);
      return;
    }
    if (expected.error !== undefined) {
      await expect(run(input)).rejects.toMatchObject(expected.error);
      return;
    }
    const { claims, header } = expected;
    expect(await run(input)).toEqual(claims === undefined ? { header } : { claims });
  });

  test("the differences are cases of the file", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...refusedAtConstruction].filter((name) => !names.has(name))).toEqual([]);
  });
});

interface ErrorCase {
  readonly name: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

const builtIn = readCases("../../http/testdata/builtin-errors.json").cases as readonly ErrorCase[]; // likewise
const errorCases = builtIn.filter(({ name }) => name.startsWith("jwt."));

describe("jwtErrors by the vectors", () => {
  it.each(errorCases)("$name", ({ name, expected }) => {
    const ours = Object.keys(jwtErrors).find(
      (key) => `jwt.err${key}`.toLowerCase() === name.toLowerCase(),
    ) as keyof JwtErrors; // one that is not found fails in the next line
    const { code, reason, message } = jwtErrors[ours]();
    expect({ code, reason, message }).toEqual(expected);
  });

  test("there are cases", () => {
    expect(errorCases).toHaveLength(7);
  });
});
