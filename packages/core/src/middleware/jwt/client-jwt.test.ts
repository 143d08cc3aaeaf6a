import { generateKeyPairSync } from "node:crypto";
import { decodeProtectedHeader } from "jose";
import { expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { clientJwt, type ClientJwtOptions, jwt, type JwtKey } from "./index.ts";
import { answering, authorizationSent, claimsSeen } from "./testdata/calls.ts";

const secret = "a secret that is long enough: 32 bytes and more";
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

it("clientJwt() signs what jwt() accepts", async () => {
  const made = clientJwt(ec.privateKey, { algorithm: "ES256", claims: { sub: "shop" } });
  const server = jwt(ec.publicKey, { algorithms: ["ES256"] });
  expect(await claimsSeen(server, answering(await authorizationSent(made)))).toEqual({
    sub: "shop",
  });
});

it("clientJwt() signs one token for all calls where nothing changes, and else one a call", async () => {
  // Signatures of ECDSA differ each time.
  const sent = async (
    key: JwtKey | (() => JwtKey),
    options: ClientJwtOptions,
  ): Promise<boolean> => {
    const made = clientJwt(key, { algorithm: "ES256", ...options });
    return (await authorizationSent(made)) === (await authorizationSent(made));
  };
  expect(await sent(ec.privateKey, { claims: { sub: "a" } })).toBe(true);
  expect(await sent(ec.privateKey, { claims: () => ({ sub: "a" }) })).toBe(false);
  expect(await sent(() => ec.privateKey, {})).toBe(false);
});

it("clientJwt() asks for claims at each call", async () => {
  let count = 0;
  const made = clientJwt(secret, { claims: () => ({ jti: String(++count) }) });
  await authorizationSent(made);
  const seen = await claimsSeen(jwt(secret), answering(await authorizationSent(made)));
  expect(seen).toEqual({ jti: "2" });
});

it("clientJwt() writes the head it is told to", async () => {
  const headOf = async (tokenHeader: Record<string, unknown>): Promise<unknown> =>
    decodeProtectedHeader(
      (await authorizationSent(clientJwt(secret, { tokenHeader }))).slice("Bearer ".length),
    );
  expect(await headOf({})).toEqual({ alg: "HS256", typ: "JWT" });
  expect(await headOf({ kid: "1", typ: "at+jwt" })).toEqual({
    alg: "HS256",
    typ: "at+jwt",
    kid: "1",
  });
});

it("clientJwt() tells its key function the head", async () => {
  const keys = new Map([["1", secret]]);
  const made = clientJwt(({ kid }) => keys.get(kid ?? ""), { tokenHeader: { kid: "1" } });
  const seen = await claimsSeen(jwt(secret), answering(await authorizationSent(made)));
  expect(seen).toEqual({});
  const lost = clientJwt(({ kid }) => keys.get(kid ?? ""));
  await expect(authorizationSent(lost)).rejects.toThrow("Can not get key while signing token");
});

it("clientJwt() refuses to sign what is no set of claims", async () => {
  const wrong = clientJwt(secret, { claims: () => ({ exp: Number.NaN }) });
  const broken = clientJwt(secret, { claims: { call: () => 1 } });
  for (const made of [wrong, broken, broken])
    await expect(authorizationSent(made)).rejects.toMatchObject({
      code: 401,
      message: "Can not sign token.Is the key correct?",
    });
});

it("clientJwt() outside of a client's call is an error", async () => {
  const call = clientJwt(secret)(async () => "called")({}, background);
  await expect(call).rejects.toThrow("Wrong context for middleware");
});

it.each<[string, unknown, object]>([
  ["no key", undefined, {}],
  ["a public key", ec.publicKey, { algorithm: "ES256" }],
  ["a pair's key for a secret's algorithm", ec.privateKey, {}],
  ["none", secret, { algorithm: "none" }],
  ["a head that names another algorithm", secret, { tokenHeader: { alg: "none" } }],
  ["a head without an algorithm", secret, { tokenHeader: { alg: undefined } }],
])("clientJwt() refuses %s", (_name, key, options) => {
  expect(() => clientJwt(key as JwtKey, options)).toThrow(TypeError); // as a caller without types may
});

it("clientJwt() refuses short secrets", () => {
  expect(() => clientJwt("short")).toThrow(RangeError);
  expect(() => clientJwt("short", { allowShortSecrets: true })).not.toThrow();
});
