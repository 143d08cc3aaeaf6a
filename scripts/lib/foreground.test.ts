import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { runInForeground } from "./foreground.mjs";

const module = JSON.stringify(new URL("./foreground.mjs", import.meta.url).href);

/** Starts a process that runs a script by runInForeground() and exits with the code it answers. */
function startParent(script: string): ChildProcess {
  const code = `import { runInForeground } from ${module};
    process.exitCode = await runInForeground(process.execPath, ["-e", ${JSON.stringify(script)}]);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  return parent;
}

describe("runInForeground()", () => {
  it("answers the exit code, and 128 + n for a child ended by signal n", async () => {
    expect(await runInForeground(process.execPath, ["-e", "process.exit(3)"])).toBe(3);
    expect(
      await runInForeground(process.execPath, ["-e", "process.kill(process.pid, 'SIGTERM')"]),
    ).toBe(128 + 15);
    expect(await runInForeground(process.execPath, ["-e", ""])).toBe(0);
  });

  it("rejects when the program does not exist", async () => {
    await expect(runInForeground("/no/such/program", [])).rejects.toThrow("ENOENT");
  });

  it("hands a signal on once, however often it comes at the same moment", async () => {
    const parent = startParent(`
      let count = 0;
      process.on("SIGTERM", () => (count += 1) === 1 && setTimeout(() => process.exit(40 + count), 50));
      setInterval(() => {}, 1000);
      console.log("ready");`);
    const lines = createInterface({ input: parent.stdout ?? process.stdin });
    await once(lines, "line");
    parent.kill("SIGTERM");
    parent.kill("SIGTERM");
    const [code] = await once(parent, "exit");
    expect(code).toBe(41);
  });

  it("answers 130 for a child that SIGINT ended", async () => {
    const parent = startParent(`setInterval(() => {}, 1000); console.log("ready");`);
    await once(createInterface({ input: parent.stdout ?? process.stdin }), "line");
    parent.kill("SIGINT");
    const [code] = await once(parent, "exit");
    expect(code).toBe(130);
  });
});
