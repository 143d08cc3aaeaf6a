/** The two programs of the README, run as it says. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { localRegistry } from "@kratosjs/core";
import { afterAll, beforeAll, expect, it } from "vitest";

let tmp = "";
const originalTmp = process.env["TMPDIR"];

beforeAll(() => {
  tmp = mkdtempSync(join(tmpdir(), "quickstart-"));
  process.env["TMPDIR"] = tmp;
});

afterAll(() => {
  if (originalTmp === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = originalTmp;
  rmSync(tmp, { recursive: true, force: true });
});

function run(name: string, ...args: readonly string[]) {
  const entry = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
  return spawn(process.execPath, [entry, ...args], { stdio: ["ignore", "pipe", "ignore"] });
}

it("quickstart: the client finds the server by name and prints its greetings", async () => {
  const server = run("server", "127.0.0.1:0", "127.0.0.1:0");
  const serverEnd = once(server, "exit");
  const { signal, found } = withStop();
  for await (const instances of localRegistry().watch("quickstart", { signal })) {
    if (instances.length === 1) found();
  }
  const client = run("client");
  const [printed] = await Promise.all([text(client.stdout), once(client, "exit")]);
  expect(printed).toBe("Hello kratos\nHello again\nHello again\n");
  server.kill("SIGTERM");
  expect(await serverEnd).toEqual([0, null]);
});

function withStop(): { signal: AbortSignal; found: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, found: () => controller.abort() };
}
