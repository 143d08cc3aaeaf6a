import { createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { createLocalJWKSet, exportJWK, type JWK, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { forbidden, KratosError } from "../../errors/index.ts";
import { jwt, type JwtAlgorithm, jwtClaims, type JwtKey, withJwtClaims } from "./index.ts";
import { answering, claimsSeen } from "./testdata/calls.ts";

const secret = "a secret that is long enough: 32 bytes and more";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const nowMs = Date.UTC(2030, 0, 1);
const now = (): number => nowMs;

type Key = Parameters<SignJWT["sign"]>[0];

/** Signs a token as somebody else would. */
async function bearer(
  claims: Record<string, unknown> = {},
  { key = Buffer.from(secret) as Key, alg = "HS256", ...header }: Record<string, unknown> = {},
): Promise<string> {
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: alg as string, ...header })
    .sign(key as Key); // what the parameter is given as
  return `Bearer ${token}`;
}

function encoded(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
    "base64url",
  );
}

/** Signs a payload that no library would. */
async function bearerOfText(payload: string): Promise<string> {
  const signed = `${encoded({ alg: "HS256" })}.${encoded(payload)}`;
  const key = await crypto.subtle.importKey(
    "raw",
    Buffer.from(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign("HMAC", key, Buffer.from(signed));
  return `Bearer ${signed}.${Buffer.from(signature).toString("base64url")}`;
}

async function refusalOf(
  middleware: ReturnType<typeof jwt>,
  authorization: string,
): Promise<KratosError> {
  const error = await claimsSeen(middleware, answering(authorization)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(KratosError);
  return error as KratosError; // the line above
}

const messageFor = async (middleware: ReturnType<typeof jwt>, value: string): Promise<string> =>
  (await refusalOf(middleware, value)).message;

describe("jwt() keys", () => {
  const pairs: readonly [string, JwtKey, Key, JwtAlgorithm][] = [
    ["text", secret, Buffer.from(secret), "HS256"],
    ["bytes", Buffer.from(secret), Buffer.from(secret), "HS256"],
    ["a secret KeyObject", createSecretKey(secret, "utf8"), Buffer.from(secret), "HS256"],
    ["an oct JWK", { kty: "oct", k: encoded(secret) }, Buffer.from(secret), "HS256"],
    ["a public KeyObject of RSA", rsa.publicKey, rsa.privateKey, "RS256"],
    ["one for PSS", rsa.publicKey, rsa.privateKey, "PS384"],
    ["a public KeyObject of EC", ec.publicKey, ec.privateKey, "ES256"],
    ["a public JWK", ec.publicKey.export({ format: "jwk" }), ec.privateKey, "ES256"],
  ];
  it.each(pairs)("takes %s, given or found", async (_name, key, signing, alg) => {
    const authorization = await bearer({ sub: "a" }, { key: signing, alg });
    for (const given of [key, () => key, async () => key]) {
      const made = jwt(given, { algorithms: [alg] });
      expect(await claimsSeen(made, answering(authorization))).toEqual({ sub: "a" });
      expect(await claimsSeen(made, answering(authorization))).toEqual({ sub: "a" });
    }
  });

  it("takes a CryptoKey, and a secret one that cannot be read", async () => {
    const method = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", Buffer.from(secret), method, false, [
      "verify",
    ]);
    expect(await claimsSeen(jwt(key), answering(await bearer()))).toEqual({});
  });

  it("takes jose's key sets as key functions, and finds the key by kid", async () => {
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: "new", alg: "RS256" };
    const made = jwt(createLocalJWKSet({ keys: [jwk] }), { algorithms: ["RS256"] });
    const signed = { key: rsa.privateKey, alg: "RS256" };
    const known = answering(await bearer({ sub: "a" }, { ...signed, kid: "new" }));
    expect(await claimsSeen(made, known)).toEqual({ sub: "a" });
    expect(await messageFor(made, await bearer({}, { ...signed, kid: "old" }))).toBe(
      "Token is invalid",
    );
  });

  it("refuses a kid that the key function does not know, or that is no text", async () => {
    const keys = new Map([["a", secret]]);
    const made = jwt(({ kid }) => keys.get(kid ?? ""));
    expect(await claimsSeen(made, answering(await bearer({}, { kid: "a" })))).toEqual({});
    for (const kid of ["b", "__proto__"])
      expect(await messageFor(made, await bearer({}, { kid }))).toBe("Token is invalid");
    for (const kid of [5, ["a"], null])
      expect(
        await messageFor(
          jwt(() => secret),
          await bearer({}, { kid }),
        ),
      ).toBe("Token is invalid");
  });

  it("leaves what it was given as it was", async () => {
    const jwk = ec.publicKey.export({ format: "jwk" }) as JWK; // node's type of the same thing
    const authorization = await bearer({}, { key: ec.privateKey, alg: "ES256" });
    await claimsSeen(jwt(jwk, { algorithms: ["ES256"] }), answering(authorization));
    await claimsSeen(
      jwt(() => jwk, { algorithms: ["ES256"] }),
      answering(authorization),
    );
    expect(Object.isFrozen(jwk)).toBe(false);
    const bytes = Buffer.from(secret);
    const made = jwt(bytes);
    bytes.fill(0);
    expect(await claimsSeen(made, answering(await bearer()))).toEqual({});
  });
});

describe("jwt() algorithms", () => {
  it("refuses unsecured tokens, whatever is written for none", async () => {
    for (const alg of ["none", "None", "NONE", "", undefined, null, ["HS256"]]) {
      const token = `${encoded({ alg })}.${encoded({ sub: "root" })}.`;
      expect(await messageFor(jwt(secret), `Bearer ${token}`)).toBe("Token is invalid");
    }
  });

  it("does not take a public key for a secret", async () => {
    const pem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
    const forged = await bearer({ sub: "root" }, { key: Buffer.from(pem) });
    const made = jwt(rsa.publicKey, { algorithms: ["RS256"] });
    expect(await messageFor(made, forged)).toBe("Wrong signing method");
    for (const key of [pem, Buffer.from(pem), `\n${pem}`])
      expect(() => jwt(key)).toThrow(/current value is a PEM/);
    const found = jwt(() => pem);
    expect(await messageFor(found, forged)).toBe("Fail to parse JWT token ");
  });

  it("checks the algorithm before it asks for a key", async () => {
    let asked = 0;
    const made = jwt(() => {
      asked += 1;
      return secret;
    });
    const key = randomBytes(64);
    expect(await messageFor(made, await bearer({}, { key, alg: "HS512" }))).toBe(
      "Wrong signing method",
    );
    expect(asked).toBe(0);
  });

  it("accepts each of several", async () => {
    const key = randomBytes(64);
    const made = jwt(key, { algorithms: ["HS256", "HS512"] });
    for (const alg of ["HS256", "HS512"])
      expect(await claimsSeen(made, answering(await bearer({}, { key, alg })))).toEqual({});
  });
});

describe("jwt() wiring", () => {
  const wrong: readonly [string, unknown, object][] = [
    ["no key", undefined, {}],
    ["null", null, {}],
    ["a number", 42, {}],
    ["an object that is no key", {}, {}],
    ["an empty secret", "", {}],
    ["an empty JWK", { kty: "oct" }, {}],
    ["a secret for a key pair's algorithm", secret, { algorithms: ["RS256"] }],
    ["a key pair for a secret's algorithm", rsa.publicKey, {}],
    ["a private key", rsa.privateKey, { algorithms: ["RS256"] }],
    ["RSA for ES256", rsa.publicKey, { algorithms: ["ES256"] }],
    ["no algorithms", secret, { algorithms: [] }],
    ["one that is no list", secret, { algorithms: "HS256" }],
    ["none", secret, { algorithms: ["none"] }],
    ["an unknown one", secret, { algorithms: ["HS256", "XX"] }],
    ["secrets and key pairs", () => secret, { algorithms: ["HS256", "RS256"] }],
    ["nobody to issue", secret, { issuer: [] }],
    ["nobody to be for", secret, { audience: [] }],
  ];
  it.each(wrong)("refuses %s", (_name, key, options) => {
    expect(() => jwt(key as JwtKey, options)).toThrow(TypeError); // as a caller without types may
  });

  it("refuses short secrets, and says nothing of them", () => {
    const short = "hunter2hunter2";
    expect(() => jwt(short)).toThrow(RangeError);
    expect(() => jwt(secret, { algorithms: ["HS512"] })).toThrow(RangeError);
    expect(() => jwt(short)).toThrow(/allowShortSecrets is set: current value is 14$/);
    expect(() => jwt(short, { allowShortSecrets: true })).not.toThrow();
  });

  it("refuses short secrets that a key function finds", async () => {
    const key = Buffer.from("short");
    const authorization = await bearer({}, { key });
    expect(
      await messageFor(
        jwt(() => "short"),
        authorization,
      ),
    ).toBe("Fail to parse JWT token ");
    const made = jwt(() => "short", { allowShortSecrets: true });
    expect(await claimsSeen(made, answering(authorization))).toEqual({});
  });

  it("refuses times that are none", () => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => jwt(secret, { clockToleranceMs: value })).toThrow(RangeError);
      expect(() => jwt(secret, { maxTokenAgeMs: value })).toThrow(RangeError);
    }
  });
});

describe("jwt() claims", () => {
  const at = nowMs / 1000;
  const expired = "JWT token has expired";
  const failed = "Fail to parse JWT token ";
  const cases: readonly [string, object, Record<string, unknown>, string | undefined][] = [
    ["exp to come", {}, { exp: at + 1 }, undefined],
    ["exp now", {}, { exp: at }, expired],
    ["exp within the tolerance", { clockToleranceMs: 1500 }, { exp: at - 1 }, undefined],
    ["exp beyond the tolerance", { clockToleranceMs: 1500 }, { exp: at - 2 }, expired],
    ["nbf now", {}, { nbf: at }, undefined],
    ["nbf to come", {}, { nbf: at + 1 }, expired],
    ["nbf within the tolerance", { clockToleranceMs: 1000 }, { nbf: at + 1 }, undefined],
    ["exp that is no number", {}, { exp: "2100" }, failed],
    ["sub that is no text", {}, { sub: 5 }, failed],
    ["aud that is no text", {}, { aud: ["a", 5] }, failed],
    ["old enough", { maxTokenAgeMs: 60_000 }, { iat: at - 60 }, undefined],
    ["too old", { maxTokenAgeMs: 60_000 }, { iat: at - 61 }, expired],
    ["of no known age", { maxTokenAgeMs: 60_000 }, {}, failed],
    ["the issuer", { issuer: "a" }, { iss: "a" }, undefined],
    ["one of the issuers", { issuer: ["a", "b"] }, { iss: "b" }, undefined],
    ["another issuer", { issuer: ["a", "b"] }, { iss: "c" }, failed],
    ["the audience", { audience: "a" }, { aud: ["b", "a"] }, undefined],
    ["another audience", { audience: ["a"] }, { aud: "b" }, failed],
    ["no audience", { audience: "a" }, {}, failed],
    ["a required claim", { requiredClaims: ["exp"] }, { exp: at + 1 }, undefined],
    ["a required claim that is missing", { requiredClaims: ["exp"] }, {}, failed],
    ["another token type", { tokenType: "at+jwt" }, {}, failed],
  ];
  it.each(cases)("with %s", async (_name, options, claims, message) => {
    const made = jwt(secret, { ...options, now });
    const authorization = await bearer(claims);
    if (message !== undefined) expect(await messageFor(made, authorization)).toBe(message);
    else expect(await claimsSeen(made, answering(authorization))).toEqual(claims);
  });

  it("of the type that is asked for", async () => {
    const made = jwt(secret, { tokenType: "at+jwt" });
    const authorization = await bearer({}, { typ: "at+jwt" });
    expect(await claimsSeen(made, answering(authorization))).toEqual({});
  });

  it("never carry the keys of prototypes", async () => {
    const authorization = await bearerOfText(
      '{"__proto__":{"admin":true},"constructor":1,"prototype":2,"a":{"__proto__":{"admin":true},"b":[{"__proto__":1}]}}',
    );
    const claims = await claimsSeen(jwt(secret), answering(authorization));
    expect(Object.keys(claims ?? {})).toEqual(["a"]);
    expect(JSON.stringify(claims)).toBe('{"a":{"b":[{}]}}');
    expect(claims?.["admin"]).toBeUndefined();
    expect(claims?.["toString"]).toBeUndefined();
    expect(Object.getPrototypeOf(claims?.["a"])).toBeNull();
  });

  it("that nest too deep are refused", async () => {
    const nested = (depth: number): string => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    for (const depth of [100, 5000])
      expect(await messageFor(jwt(secret), await bearerOfText(nested(depth)))).toBe(failed);
    expect(await claimsSeen(jwt(secret), answering(await bearerOfText(nested(20))))).toHaveProperty(
      "a",
    );
  });

  it("are what the option makes of them, and what it throws is answered", async () => {
    const context = answering(await bearer({ sub: "a", scope: "x y" }));
    const made = jwt(secret, { claims: (claims) => ({ ...claims, scope: ["x", "y"] }) });
    expect(await claimsSeen(made, context)).toEqual({ sub: "a", scope: ["x", "y"] });
    const refuse = (error: unknown): ReturnType<typeof jwt> =>
      jwt(secret, {
        claims: () => {
          throw error;
        },
      });
    const scope = forbidden("SCOPE", "no scope");
    await expect(claimsSeen(refuse(scope), context)).rejects.toBe(scope);
    await expect(claimsSeen(refuse(new Error("x")), context)).rejects.toThrow(failed);
  });

  it("stand in the context", () => {
    expect(jwtClaims(background)).toBeUndefined();
    expect(jwtClaims(withJwtClaims(background, { sub: "a" }))).toEqual({ sub: "a" });
  });
});

describe("jwt() tokens", () => {
  it("refuses every form but the compact one", async () => {
    const authorization = await bearer();
    const token = authorization.slice("Bearer ".length);
    const [head = "", payload = "", signature = ""] = token.split(".");
    const forms = [
      "",
      " ",
      ".",
      "..",
      ` ${token}`,
      `${token} `,
      `${token}=`,
      `${token}.`,
      `${head}.${payload}`,
      `${head}..${signature}`,
      `${head} .${payload}.${signature}`,
      `${token}.x.y`,
      `${encoded("[]")}.${payload}.${signature}`,
      `${encoded("null")}.${payload}.${signature}`,
      `${encoded({ alg: "HS256", crit: ["x"], x: 1 })}.${payload}.${signature}`,
      `${encoded({ alg: "HS256", crit: ["b64"], b64: false })}.${payload}.${signature}`,
      "\u0000.\u0000.\u0000",
    ];
    for (const form of forms)
      expect([form, (await refusalOf(jwt(secret), `Bearer ${form}`)).code]).toEqual([form, 401]);
    for (const form of ["", "Bearer", "Bearer\t", `Bearer${token}`, token, `Token ${token}`])
      expect(await messageFor(jwt(secret), form)).toBe("JWT token is missing");
  });

  it("refuses payloads that are no objects", async () => {
    for (const payload of ["[]", "null", "5", '"a"', "{", "\u00ff"])
      expect(await messageFor(jwt(secret), await bearerOfText(payload))).toBe("Token is invalid");
  });

  it("refuses a token of which one bit differs", async () => {
    const authorization = await bearer({ sub: "a" });
    const [head = "", payload = "", signature = ""] = authorization.slice(7).split(".");
    const changed = [
      [head, encoded({ sub: "b" }), signature],
      [head, payload, `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`],
      [head, payload, ""],
    ];
    for (const parts of changed)
      expect(await messageFor(jwt(secret), `Bearer ${parts.join(".")}`)).toBe(
        "Fail to parse JWT token ",
      );
  });

  it("is in no error, nor are its claims", async () => {
    const made = jwt(secret, { issuer: "me", now });
    const tokens = [
      await bearer({ email: "someone@example.com" }),
      await bearer({ iss: "me", exp: 1, email: "someone@example.com" }),
      await bearer({ iss: "me", email: "someone@example.com" }, { key: randomBytes(32) }),
      await bearerOfText('{"email":"someone@example.com'),
    ];
    for (const authorization of tokens) {
      const error = await refusalOf(made, authorization);
      const shown = inspect(error, { depth: 10, showHidden: true });
      expect(shown).not.toContain("someone");
      for (const part of authorization.slice(7).split(".").slice(1))
        expect(shown).not.toContain(part);
    }
  });

  it("does not read the key function's failure to the caller, and keeps it as the cause", async () => {
    const cause = new Error("the vault is down");
    const error = await refusalOf(
      jwt(() => Promise.reject(cause)),
      await bearer(),
    );
    expect(error.message).toBe("Token is invalid");
    expect(error.cause).toBe(cause);
  });

  it("of somebody else's pair is refused", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const made = jwt(createPublicKey(ec.privateKey), { algorithms: ["ES256"] });
    const authorization = await bearer({}, { key: other.privateKey, alg: "ES256" });
    expect(await messageFor(made, authorization)).toBe("Fail to parse JWT token ");
  });
});
