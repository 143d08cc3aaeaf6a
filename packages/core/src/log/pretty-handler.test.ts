import { afterEach, describe, expect, it, vi } from "vitest";
import { createLogger, type LoggerOptions, type Sink } from "./index.ts";

const timeMs = Date.UTC(2024, 0, 2, 3, 4, 5, 6);

function pretty(options: LoggerOptions & { readonly isTTY?: boolean } = {}) {
  const lines: string[] = [];
  const destination: Sink = { write: (line) => lines.push(line), isTTY: options.isTTY ?? false };
  return {
    lines,
    logger: createLogger({ format: "pretty", destination, now: () => timeMs, ...options }),
  };
}

afterEach(() => vi.unstubAllEnvs());

function withoutColorVariables(): void {
  vi.stubEnv("NO_COLOR", undefined);
  vi.stubEnv("FORCE_COLOR", undefined);
}

describe("the format pretty", () => {
  it("pretty writes time, level, message and fields", () => {
    withoutColorVariables();
    const { logger, lines } = pretty();
    logger
      .with({ service: "users" })
      .info("user created", { id: 7, name: "a b", tags: ["x"], path: "/v1/users" });
    expect(lines).toEqual([
      '2024-01-02T03:04:05.006Z INFO  user created service=users id=7 name="a b" tags=["x"] path=/v1/users\n',
    ]);
  });

  it("pretty writes stacks below the record, those of causes too", () => {
    withoutColorVariables();
    const { logger, lines } = pretty({ timestamp: false });
    const error = new Error("outer", { cause: new TypeError("inner") });
    logger.error("failed", { error });
    const [first, second, ...rest] = (lines[0] ?? "").split("\n");
    expect([first, second]).toEqual(["ERROR failed error=outer", "    Error: outer"]);
    expect(rest).toContain("    caused by: TypeError: inner");
    expect(rest.every((line) => line === "" || line.startsWith("    "))).toBe(true);
  });

  it("pretty writes a field named stack below the record", () => {
    withoutColorVariables();
    const { logger, lines } = pretty({ timestamp: false });
    logger.error("failed", { stack: "Error: a\n    at b", code: 500 });
    expect(lines).toEqual(["ERROR failed code=500\n    Error: a\n        at b\n"]);
  });

  it("pretty lets no text forge a record or speak to the terminal", () => {
    withoutColorVariables();
    const { logger, lines } = pretty({ timestamp: false });
    const text = "a\n2024 INFO forged\u001b[2J\u009b1m\u202e\r";
    logger.info(text, { [text]: text, error: new Error(text) });
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(lines[0]?.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    const starts = (lines[0] ?? "").split("\n").slice(1, -1);
    expect(starts.every((line) => line.startsWith("    "))).toBe(true);
  });

  it.each([
    { name: "a terminal", isTTY: true, colored: true },
    { name: "a file", isTTY: false, colored: false },
    { name: "a terminal with NO_COLOR", isTTY: true, noColor: "1", colored: false },
    { name: "a terminal with an empty NO_COLOR", isTTY: true, noColor: "", colored: true },
    { name: "a file with FORCE_COLOR", isTTY: false, forceColor: "1", colored: true },
    { name: "a terminal with FORCE_COLOR=0", isTTY: true, forceColor: "0", colored: false },
    { name: "a file with both", isTTY: false, noColor: "1", forceColor: "1", colored: true },
  ])("pretty colours $name: $colored", ({ isTTY, noColor, forceColor, colored }) => {
    vi.stubEnv("NO_COLOR", noColor);
    vi.stubEnv("FORCE_COLOR", forceColor);
    const { logger, lines } = pretty({ isTTY });
    logger.warn("m");
    expect(lines[0]?.includes("\u001b[33mWARN \u001b[0m")).toBe(colored);
  });

  it("auto is pretty on a terminal and JSON elsewhere", () => {
    withoutColorVariables();
    const onTerminal = pretty({ format: "auto", isTTY: true });
    const elsewhere = pretty({ format: "auto" });
    onTerminal.logger.info("m");
    elsewhere.logger.info("m");
    expect(onTerminal.lines[0]).toContain("INFO ");
    expect(JSON.parse(elsewhere.lines[0] ?? "")).toMatchObject({ level: "INFO", msg: "m" });
  });
});
