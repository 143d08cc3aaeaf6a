import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createRestarter } from "./restarter.mjs";
import { temporaryTree } from "./temporary-tree.ts";

/** Waits until the program has written its process ids, one a start, so many times. */
async function starts(file: string, count: number): Promise<number[]> {
  return vi.waitFor(
    () => {
      const pids = existsSync(file)
        ? readFileSync(file, "utf8").trim().split("\n").map(Number)
        : [];
      expect(pids).toHaveLength(count);
      return pids;
    },
    { timeout: 10_000 },
  );
}

function isAlive(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}

describe("createRestarter()", () => {
  it("ends the running program before it starts the next, and leaves none behind", async () => {
    const base = temporaryTree({
      "server.mjs": `import { appendFileSync } from "node:fs";
        appendFileSync(process.argv[2], process.pid + "\\n");
        setInterval(() => {}, 1000);`,
    });
    vi.spyOn(console, "log").mockImplementation(() => {});
    onTestFinished(() => void vi.restoreAllMocks());
    const pidFile = path.join(base, "pids");
    const server = createRestarter(path.join(base, "server.mjs"), [pidFile]);

    server.restart();
    const [first] = await starts(pidFile, 1);
    server.restart();
    server.restart();
    const [, second] = await starts(pidFile, 2);
    expect(isAlive(first)).toBe(false);
    expect(isAlive(second)).toBe(true);

    await server.stop();
    expect(isAlive(second)).toBe(false);
    server.restart();
    await server.stop();
    await starts(pidFile, 2);
  });
});
