import { expect, test } from "vitest";
import { background } from "../../context/index.ts";
import { nopLogger } from "../../log/index.ts";
import { type Cookie, HttpServer, setCookie, setOperation } from "../index.ts";

async function sent(...cookies: readonly Cookie[]): Promise<string | undefined> {
  const server = new HttpServer({ logger: nopLogger });
  let thrown: unknown;
  server.route("/").GET("/x", (http) => {
    try {
      for (const cookie of cookies) setCookie(http.context, cookie);
    } catch (error) {
      thrown = error;
    }
    return {};
  });
  const reply = await server.inject({ path: "/x" });
  if (thrown !== undefined) throw thrown;
  return reply.headers["set-cookie"];
}

const made: readonly (readonly [Cookie, string])[] = [
  [{ name: "a", value: "b" }, "a=b"],
  [{ name: "a", value: "" }, "a="],
  [{ name: "a", value: "b c,d" }, 'a="b c,d"'],
  [
    {
      name: "__Host-sid",
      value: "x=y",
      path: "/",
      secure: true,
      httpOnly: true,
      sameSite: "lax",
      maxAgeMs: 90_500,
    },
    "__Host-sid=x=y; Path=/; Max-Age=90; HttpOnly; Secure; SameSite=Lax",
  ],
  [{ name: "a", value: "b", domain: ".example.com" }, "a=b; Domain=example.com"],
  [
    { name: "a", value: "b", expires: new Date(0), maxAgeMs: -1 },
    "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0",
  ],
  [
    { name: "a", value: "b", secure: true, sameSite: "none", partitioned: true },
    "a=b; Secure; SameSite=None; Partitioned",
  ],
];

test.each(made)("setCookie() sends %j", async (cookie, text) => {
  expect(await sent(cookie)).toBe(text);
});

test("setCookie() sends several", async () => {
  expect(await sent({ name: "a", value: "1" }, { name: "b", value: "2" })).toBe("a=1\nb=2");
});

const wrong: readonly (readonly [string, Partial<Cookie>])[] = [
  ["an empty name", { name: "" }],
  ["a name that ends itself", { name: "a=b" }],
  ["a name with a line break", { name: "a\r\nX: y" }],
  ["a value that ends itself", { value: "b; Domain=evil.example" }],
  ["a value with a line break", { value: "b\r\nSet-Cookie: c=d" }],
  ["a value with quotes", { value: '"' }],
  ["a value that is not ASCII", { value: "é" }],
  ["a path that ends itself", { path: "/; Secure" }],
  ["a path with a line break", { path: "/\n" }],
  ["a domain that is none", { domain: "a b" }],
  ["a domain that ends itself", { domain: "a;b" }],
  ["a time that is none", { expires: new Date(Number.NaN) }],
  ["an age that is none", { maxAgeMs: Number.NaN }],
  ["one for other sites in clear text", { sameSite: "none" }],
  ["one named __Secure- in clear text", { name: "__Secure-a" }],
  ["one named __Host- with a domain", { name: "__Host-a", secure: true, path: "/", domain: "a.b" }],
];

test.each(wrong)("setCookie() refuses %s", async (_, cookie) => {
  await expect(sent({ name: "a", value: "b", ...cookie })).rejects.toThrow(
    /^Cannot set a cookie as /,
  );
});

test("setCookie() does not tell a value that it refuses", async () => {
  await expect(sent({ name: "a", value: "secret;" })).rejects.not.toThrow("secret");
});

test("setCookie() and setOperation() do nothing outside a call over HTTP", () => {
  expect(() => setCookie(background, { name: "a", value: "b" })).not.toThrow();
  expect(() => setOperation(background, "x")).not.toThrow();
});
