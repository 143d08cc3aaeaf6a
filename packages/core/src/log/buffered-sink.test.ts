import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BufferedSink, type BufferedSinkOptions } from "./index.ts";

/** A descriptor that takes what the test allows. */
function fakeDescriptor(options: BufferedSinkOptions = {}) {
  const state = { output: "", room: Number.POSITIVE_INFINITY, code: "EAGAIN", calls: 0 };
  const write = (_fd: number, bytes: Uint8Array): number => {
    state.calls++;
    if (state.room <= 0) throw Object.assign(new Error(state.code), { code: state.code });
    const taken = bytes.subarray(0, Math.min(bytes.length, state.room));
    state.room -= taken.length;
    state.output += Buffer.from(taken).toString();
    return taken.length;
  };
  return { state, sink: new BufferedSink({ fd: 1_000_000, write, ...options }) };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("BufferedSink", () => {
  it("BufferedSink writes when the buffer is full", () => {
    const { sink, state } = fakeDescriptor({ bufferBytes: 10 });
    sink.write("12345\n");
    expect(state.output).toBe("");
    sink.write("6789\n");
    expect(state.output).toBe("12345\n6789\n");
    expect(state.calls).toBe(1);
  });

  it("BufferedSink writes at the latest after the flush interval, and then waits for the next line", () => {
    const { sink, state } = fakeDescriptor();
    sink.write("a\n");
    vi.advanceTimersByTime(99);
    expect(state.output).toBe("");
    vi.advanceTimersByTime(1);
    expect(state.output).toBe("a\n");
    expect(vi.getTimerCount()).toBe(0);
    sink.write("b\n");
    vi.advanceTimersByTime(100);
    expect(state.output).toBe("a\nb\n");
  });

  it("BufferedSink writes each line at once without a buffer", () => {
    const { sink, state } = fakeDescriptor({ bufferBytes: 0 });
    sink.write("a\n");
    expect(state.output).toBe("a\n");
  });

  it("BufferedSink writes on after a part was taken and a full pipe has room again", () => {
    const { sink, state } = fakeDescriptor();
    state.room = 3;
    sink.write("äöü\n");
    sink.flush();
    sink.write("next\n");
    state.room = Number.POSITIVE_INFINITY;
    vi.advanceTimersByTime(5);
    expect(state.output).toContain("\n");
    vi.advanceTimersByTime(100);
    // The fake decodes piecewise, so the letter that was cut is judged by its bytes' place only.
    expect(state.output.endsWith("ü\nnext\n")).toBe(true);
    expect(sink.dropped).toBe(0);
  });

  it("BufferedSink bounds what waits for a full pipe, and tells how many lines it dropped", () => {
    const { sink, state } = fakeDescriptor({ bufferBytes: 4, maxPendingBytes: 10 });
    state.room = 0;
    for (let index = 0; index < 1000; index++) sink.write(`${index % 10}\n`);
    expect(state.calls).toBeLessThan(5);
    expect(sink.dropped).toBe(995);
    state.room = Number.POSITIVE_INFINITY;
    sink.flush();
    const lines = state.output.split("\n");
    expect(lines.slice(0, 5)).toEqual(["0", "1", "2", "3", "4"]);
    expect(JSON.parse(lines[5] ?? "")).toMatchObject({
      level: "WARN",
      msg: "log lines dropped",
      count: 995,
    });
    expect(sink.dropped).toBe(0);
  });

  it("BufferedSink counts what a full disk lost, begins a fresh line, and goes on", () => {
    const { sink, state } = fakeDescriptor({ bufferBytes: 0 });
    state.code = "ENOSPC";
    state.room = 3;
    sink.write("lost1\n");
    sink.write("lost2\n");
    expect(sink.dropped).toBe(2);
    state.room = Number.POSITIVE_INFINITY;
    sink.write("kept\n");
    const [torn, kept, notice] = state.output.split("\n").filter((line) => line !== "");
    expect([torn, kept]).toEqual(["los", "kept"]);
    expect(JSON.parse(notice ?? "")).toMatchObject({ count: 2 });
  });

  it("BufferedSink falls silent once nobody reads any more", () => {
    const { sink, state } = fakeDescriptor({ bufferBytes: 0 });
    state.code = "EPIPE";
    state.room = 0;
    sink.write("a\n");
    sink.write("b\n");
    sink.flush();
    expect(state.calls).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("BufferedSink writes to a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "kratos-log-"));
    const path = join(folder, "out.log");
    const fd = openSync(path, "a");
    const sink = new BufferedSink({ fd });
    expect(sink.isTTY).toBe(false);
    sink.write("a\n");
    sink.flush();
    closeSync(fd);
    expect(readFileSync(path, "utf8")).toBe("a\n");
    rmSync(folder, { recursive: true });
  });

  it("BufferedSink refuses negative sizes", () => {
    expect(() => new BufferedSink({ bufferBytes: -1 })).toThrow(
      "Cannot buffer a log as bufferBytes must be at least 0: current value is -1",
    );
  });
});

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const room = new URL("index.ts", import.meta.url).href;

/** Runs a program that logs; answers what it wrote and how it ended. */
function run(program: string, options: { readonly leaves?: boolean } = {}) {
  const source = `import { createLogger } from ${JSON.stringify(room)};\n${program}`;
  const node = [
    "--import",
    tsx,
    "--input-type=module",
    "--conditions=@kratosjs/source",
    "-e",
    source,
  ];
  const child = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "pipe"] });
  if (options.leaves === true) child.stderr.destroy();
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  return new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}

describe("the default destination", () => {
  beforeEach(() => {
    vi.useRealTimers();
  });

  it("the default destination is standard error, flushed when the process exits", async () => {
    const { code, output, errors } = await run(`
      const logger = createLogger();
      process.on("exit", () => logger.info("later than the flush"));
      for (let i = 0; i < 1000; i++) logger.info("m", { i });
      process.on("exit", () => logger.info("last"));
      process.exit(3);
    `);
    const messages = errors
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).msg);
    expect({ code, output, count: messages.length }).toEqual({ code: 3, output: "", count: 1002 });
    expect(messages.at(-1)).toBe("last");
  });

  it("the default destination keeps no process alive and is flushed when one ends by itself or by a crash", async () => {
    const ended = await run(`createLogger().info("m")`);
    const crashed = await run(
      `createLogger().info("m"); setImmediate(() => { throw new Error("crash") });`,
    );
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.errors).msg).toBe("m");
    expect(crashed.code).toBe(1);
    expect(crashed.errors).toContain('"msg":"m"');
  });

  it("the default destination outlives its reader", async () => {
    const { code, output } = await run(
      `const logger = createLogger();
       for (let i = 0; i < 10_000; i++) logger.error("m", { i });
       console.log("done");`,
      { leaves: true },
    );
    expect({ code, output }).toEqual({ code: 0, output: "done\n" });
  });
});
