import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { HttpServer, staticFolder, type StaticFolderOptions } from "../index.ts";
import { speak } from "../testdata/serve.ts";

let root = "";
const servers: HttpServer[] = [];

beforeAll(() => {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), "static-folder-")));
  root = path.join(base, "public");
  mkdirSync(path.join(root, "docs"), { recursive: true });
  mkdirSync(path.join(root, "bare"));
  mkdirSync(path.join(base, "public-old"));
  writeFileSync(path.join(base, "secret.txt"), "secret");
  writeFileSync(path.join(base, "public-old", "old.txt"), "secret");
  writeFileSync(path.join(root, "a b.txt"), "hello");
  writeFileSync(path.join(root, "é.html"), "<p>");
  writeFileSync(path.join(root, "model.GLB"), "glb");
  writeFileSync(path.join(root, ".env"), "secret");
  writeFileSync(path.join(root, "docs", "index.html"), "docs");
  writeFileSync(path.join(root, "bare", "x.unknown"), "x");
  symlinkSync("../secret.txt", path.join(root, "leak.txt"));
  symlinkSync("..", path.join(root, "up"));
  symlinkSync("a b.txt", path.join(root, "inside.txt"));
  execFileSync("mkfifo", [path.join(root, "pipe")]);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(AbortSignal.abort())));
});

afterAll(() => rmSync(path.dirname(root), { recursive: true }));

async function serve(options: StaticFolderOptions = {}): Promise<{ origin: string; host: string }> {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, timeoutMs: 0 });
  servers.push(server);
  server.handlePrefix("/s/", staticFolder(root, options));
  await server.start();
  return await server.endpoint();
}

async function get(target: string, options: StaticFolderOptions = {}): Promise<string> {
  const { host } = await serve(options);
  return speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
}

test("staticFolder() sends a file with its type and validators", async () => {
  const { origin } = await serve({ cacheControl: "max-age=60" });
  const reply = await fetch(`${origin}/s/a%20b.txt`);
  expect(await reply.text()).toBe("hello");
  expect(Object.fromEntries(reply.headers)).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "content-length": "5",
    "cache-control": "max-age=60",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    etag: expect.stringMatching(/^".+"$/),
    "last-modified": expect.stringMatching(/GMT$/),
  });
  const headers = { "if-none-match": reply.headers.get("etag") ?? "" };
  expect((await fetch(`${origin}/s/a%20b.txt`, { headers })).status).toBe(304);
  const part = await fetch(`${origin}/s/a%20b.txt`, { headers: { range: "bytes=1-2" } });
  expect([part.status, await part.text()]).toEqual([206, "el"]);
  const head = await fetch(`${origin}/s/a%20b.txt`, { method: "HEAD" });
  expect([head.headers.get("content-length"), await head.text()]).toEqual(["5", ""]);
});

test("staticFolder() finds types by the end of the name, also those it is given", async () => {
  const { origin } = await serve({ contentTypes: { glb: "model/gltf-binary" } });
  const typeOf = async (name: string): Promise<string | null> =>
    (await fetch(`${origin}/s/${name}`)).headers.get("content-type");
  expect(await typeOf("%C3%A9.html")).toBe("text/html; charset=utf-8");
  expect(await typeOf("model.GLB")).toBe("model/gltf-binary");
  expect(await typeOf("bare/x.unknown")).toBe("application/octet-stream");
});

test("staticFolder() sends the index of a folder, at its path with a slash", async () => {
  const { origin } = await serve();
  expect(await (await fetch(`${origin}/s/docs/`)).text()).toBe("docs");
  const moved = await fetch(`${origin}/s/docs?q=1`, { redirect: "manual" });
  expect([moved.status, moved.headers.get("location")]).toEqual([301, "./docs/?q=1"]);
  expect((await fetch(`${origin}/s/docs?q=1`)).url).toBe(`${origin}/s/docs/?q=1`);
});

test.each([
  "/s/missing.txt",
  "/s/bare/",
  "/s/bare",
  "/s/",
  "/s/a%20b.txt/",
  "/s/a%20b.txt/x",
  "/s/.env",
  "/s/%2eenv",
  "/s/%2e%2e/secret.txt",
  "/s/..%2fsecret.txt",
  "/s/%2e%2e%2fsecret.txt",
  "/s/docs%2f..%2f..%2fsecret.txt",
  "/s/..%5csecret.txt",
  "/s/..\\secret.txt",
  "/s/docs/..%2f..%2fsecret.txt",
  "/s/%2fetc/passwd",
  "/s/a%20b.txt%00.html",
  "/s/%zz",
  "/s/%ff",
  "/s/leak.txt",
  "/s/up/secret.txt",
  "/s/pipe",
  `/s/${"x".repeat(300)}`,
])("staticFolder() answers %s with 404", async (target) => {
  const said = await get(target);
  expect(said).toMatch(/^HTTP\/1.1 404 /);
  expect(said).toContain('"FILE_NOT_FOUND"');
});

test.each([
  "/s/../secret.txt",
  "/s/docs/../../secret.txt",
  "/s//../secret.txt",
  "/s/../public-old/old.txt",
])("staticFolder() never answers %s with what is outside", async (target) => {
  expect(await get(target)).not.toContain("\r\n\r\nsecret");
});

test("staticFolder() without a prefix to cut off looks at the whole path, clean or not", async () => {
  const server = new HttpServer({
    address: "127.0.0.1:0",
    logger: nopLogger,
    filters: [() => staticFolder(root)],
  });
  servers.push(server);
  await server.start();
  const { host } = await server.endpoint();
  const ask = (target: string): Promise<string> =>
    speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(await ask("/a%20b.txt")).toContain("hello");
  for (const target of [
    "/../secret.txt",
    "//../secret.txt",
    "/docs/../../secret.txt",
    "/./../secret.txt",
  ]) {
    expect(await ask(target)).toMatch(/^HTTP\/1.1 404 /);
  }
  expect(await ask("//evil.example/..")).toMatch(/^HTTP\/1.1 404 /);
});

test("staticFolder() follows links inside of the folder, and outside only where it may", async () => {
  expect(await get("/s/inside.txt")).toContain("hello");
  expect(await get("/s/leak.txt", { outsideLinks: true })).toContain("secret");
});

test("staticFolder() sends dotfiles only where it may", async () => {
  expect(await get("/s/.env", { dotfiles: true })).toContain("secret");
});

test("staticFolder() refuses methods that write", async () => {
  const { origin } = await serve();
  const reply = await fetch(`${origin}/s/a%20b.txt`, { method: "POST" });
  expect([reply.status, reply.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("staticFolder() refuses a root that is no folder", () => {
  expect(() => staticFolder(path.join(root, "nowhere"))).toThrow(
    "Cannot serve a folder as its root must be one",
  );
});
