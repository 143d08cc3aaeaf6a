import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { staticFolder } from "../index.ts";
import { askH2, closeH2, openH2 } from "../testdata/h2-client.ts";
import { serve, speak, stopServers } from "../testdata/serve.ts";

let base = "";

beforeAll(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), "path-traversal-")));
  mkdirSync(path.join(base, "public", "docs"), { recursive: true });
  mkdirSync(path.join(base, "public-old"));
  writeFileSync(path.join(base, "secret.txt"), "secret");
  writeFileSync(path.join(base, "public-old", "secret.txt"), "secret");
  writeFileSync(path.join(base, "public", "ok.txt"), "fine");
});

afterAll(() => rmSync(base, { recursive: true }));
afterEach(async () => {
  closeH2();
  await stopServers();
});

const climbs = [
  "/s/../secret.txt",
  "/s/docs/../../secret.txt",
  "/s/%2e%2e/secret.txt",
  "/s/%2E%2E%2Fsecret.txt",
  "/s/..%2fsecret.txt",
  "/s/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
  "/s/%252e%252e%252fsecret.txt",
  "/s/%25252e%25252e/secret.txt",
  "/s/..%5csecret.txt",
  "/s/..\\secret.txt",
  "/s/%2e%2e%5c%2e%2e%5csecret.txt",
  "/s/%c0%ae%c0%ae/secret.txt",
  "/s/%c0%ae%c0%ae%c0%afsecret.txt",
  "/s/%u002e%u002e/secret.txt",
  "/s/..%00/secret.txt",
  "/s/ok.txt%00.html",
  "/s/%00",
  "/s/....//secret.txt",
  "/s/..;/secret.txt",
  "/s//etc/passwd",
  "/s/%2fetc%2fpasswd",
  "/s/file:%2f%2f%2fetc%2fpasswd",
  "/s/../public-old/secret.txt",
  "/s/..%2fpublic-old%2fsecret.txt",
  "/s/-old/secret.txt",
  `/s/${"..%2f".repeat(500)}etc%2fpasswd`,
  `/s/${"a".repeat(4000)}`,
];

describe("staticFolder()", () => {
  test.each(climbs)("staticFolder() shows nothing outside of its folder for %s", async (target) => {
    const { server, host, origin } = await serve();
    server.handlePrefix("/s/", staticFolder(path.join(base, "public")));
    const said = await speak(
      host,
      `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);
    expect([301, 308, 400, 404, 414]).toContain(status);
    expect(said).not.toMatch(/\r\n\r\n(secret|root:)/);
    const over2 = await askH2(await openH2(origin), { path: target });
    expect(over2.text).not.toMatch(/^(secret|root:)/);
    expect(over2.status).toBeLessThan(500);
    expect(await (await fetch(`${origin}/s/ok.txt`)).text()).toBe("fine");
  });
});

test.each([
  "//evil.example/",
  "//evil.example/..",
  "/\\evil.example/",
  "///evil.example//",
  "/.//evil.example/",
])("HttpServer never redirects %s to another host", async (target) => {
  const { host } = await serve();
  const said = await speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const location = /^Location: (.*)\r$/im.exec(said)?.[1];
  expect(said).toMatch(/^HTTP\/1\.1 [34]/);
  if (location !== undefined) expect(new URL(location, "http://x").host).toBe("x");
});

test.each([
  "/old/../v1/books/1",
  "/old/%2e%2e/secret",
  "/old/%2e%2e%2fsecret",
  "/older/x",
  "/old%2fx",
])("mount() hands a handler only paths below its prefix, as they came: %s", async (target) => {
  const { server, host } = await serve();
  const seen: string[] = [];
  server.mount("/old/", (request, response) => {
    seen.push(request.url ?? "");
    response.end("x");
  });
  await speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  for (const url of seen) {
    expect(url).toBe(target);
    expect(url.startsWith("/old/")).toBe(true);
    expect(url.split("/")).not.toContain("..");
  }
});

test("HttpServer gives a handler an escaped slash as a part of its variable, not as a segment", async () => {
  const { origin } = await serve({}, { getBook: async ({ shelf }) => ({ title: shelf }) });
  const reply = await fetch(`${origin}/v1/shelves/a%2F..%2Fb/books/1`);
  expect(await reply.json()).toMatchObject({ title: "a/../b" });
});

describe("HttpServer with paths that URLs read in another way", () => {
  test.each(["/./\\evil.example", "//\\evil.example/..//\\evil.example", "/v1/../\\evil.example/"])(
    "HttpServer does not redirect %s to another host",
    async (target) => {
      const { host } = await serve();
      const said = await speak(
        host,
        `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      const location = /^location: (.*)$/im.exec(said)?.[1]?.trim() ?? "";
      expect(location).toContain("%5Cevil.example");
      expect(new URL(location, "http://own.example").host).toBe("own.example");
    },
  );

  test.each([
    "/in/%2e%2e/out",
    "/in/.%2E/out",
    "/in/..\\out",
    "/in\\..\\out",
    "/\\evil.example/in",
  ])("mount() does not show a fetch handler another path than %s", async (target) => {
    const { server, host } = await serve();
    const seen: string[] = [];
    for (const prefix of ["/in", "/\\"]) {
      server.mount(prefix, (request: Request) => {
        seen.push(request.url);
        return new Response("");
      });
    }
    const said = await speak(
      host,
      `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(said).toMatch(/^HTTP\/1.1 400 /);
    expect(seen).toEqual([]);
  });
});
