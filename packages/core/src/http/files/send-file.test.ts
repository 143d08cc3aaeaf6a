import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { HttpServer, type RouteHandler } from "../index.ts";
import { dial } from "../testdata/serve.ts";

let folder = "";
const servers: HttpServer[] = [];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "send-file-"));
  writeFileSync(path.join(folder, "ä.txt"), "hello");
  writeFileSync(path.join(folder, "large.bin"), Buffer.alloc(32 * 1024 * 1024, 7));
  symlinkSync("/etc/hostname", path.join(folder, "link"));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(AbortSignal.abort())));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function serve(handler: RouteHandler): Promise<{ origin: string; host: string }> {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, timeoutMs: 0 });
  servers.push(server);
  server.route("/").GET("/f/{name}", handler);
  await server.start();
  return await server.endpoint();
}

test("HttpContext.file() sends a file to be saved by its name", async () => {
  const { origin } = await serve((http) =>
    http.file(path.join(folder, "ä.txt"), { disposition: "attachment" }),
  );
  const reply = await fetch(`${origin}/f/x`);
  expect(reply.headers.get("content-disposition")).toBe(
    "attachment; filename=\"?.txt\"; filename*=UTF-8''%C3%A4.txt",
  );
  expect(await reply.text()).toBe("hello");
  const part = await fetch(`${origin}/f/x`, { headers: { range: "bytes=-2" } });
  expect([part.status, await part.text()]).toEqual([206, "lo"]);
});

test("HttpContext.file() with a root takes any path a peer may give", async () => {
  const { origin } = await serve((http) => http.file(http.vars()["name"] ?? "", { root: folder }));
  const statusOf = async (name: string): Promise<number> =>
    (await fetch(`${origin}/f/${name}`)).status;
  expect(await statusOf("%C3%A4.txt")).toBe(200);
  for (const name of [
    "..%2f..%2fetc%2fpasswd",
    "%2fetc%2fpasswd",
    "link",
    "x%00",
    "nothing",
    "..%5cx",
  ]) {
    expect([name, await statusOf(name)]).toEqual([name, 404]);
  }
});

test("HttpContext.file() of no file is a 404, of a folder too", async () => {
  const { origin } = await serve((http) => http.file(folder));
  expect(await (await fetch(`${origin}/f/x`)).json()).toMatchObject({ reason: "FILE_NOT_FOUND" });
});

test("HttpContext.file() sends a large file whole", async () => {
  const { origin } = await serve((http) => http.file(path.join(folder, "large.bin")));
  const reply = await fetch(`${origin}/f/x`);
  expect((await reply.arrayBuffer()).byteLength).toBe(32 * 1024 * 1024);
});

/** How often this process has the file open. */
function openCount(file: string): number {
  let count = 0;
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) === file) count += 1;
    } catch {
      // closed meanwhile
    }
  }
  return count;
}

// skip: only Linux tells by /proc which files are open
test.skipIf(process.platform !== "linux")(
  "HttpContext.file() closes the file when the peer leaves in the middle, and at its end",
  async () => {
    const file = path.join(folder, "large.bin");
    let done: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      done = resolve;
    });
    const { host } = await serve(async (http) => {
      await http.file(file);
      done();
    });
    const socket = dial(host);
    socket.write("GET /f/x HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    socket.pause();
    expect(openCount(file)).toBe(1);
    socket.destroy();
    await finished;
    expect(openCount(file)).toBe(0);
  },
);
