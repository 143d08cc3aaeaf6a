import { describe, expect, it } from "vitest";
import { Config, ConfigKeyNotFoundError, ConfigValueError, type Value } from "./index.ts";
import { memorySource } from "./memory/index.ts";

describe("Value", () => {
  it("durationMs() reads Go and proto durations, and plain integers as nanoseconds", async () => {
    const durations: readonly (readonly [unknown, number])[] = [
      ["1s", 1000],
      ["0.2s", 200],
      ["1h30m", 5_400_000],
      ["-1.5s", -1500],
      ["+1m", 60_000],
      ["1us", 0.001],
      ["1µs", 0.001],
      ["1\u03bcs", 0.001],
      ["1ns", 0.000001],
      [".5ms", 0.5],
      ["1.s", 1000],
      ["0", 0],
      ["315576000000s", 315_576_000_000_000],
      ["2000000", 2],
      [2_000_000, 2],
      [1e9, 1000],
    ];
    for (const [text, ms] of durations)
      expect([text, (await value(text)).durationMs()]).toEqual([text, ms]);
    for (const text of [
      "",
      "s",
      "1x",
      "1 s",
      "1s ",
      ".s",
      "-",
      "1sm",
      "1e3s",
      "315576000001s",
      "1h".repeat(100),
    ]) {
      expect(await failure(text, "durationMs"), text).toBeInstanceOf(ConfigValueError);
    }
    expect(await failure([], "durationMs")).toMatchObject({ path: "v" });
  });

  it("int() and int64() keep to their ranges", async () => {
    expect((await value("9223372036854775807")).int64()).toBe(9223372036854775807n);
    expect((await value("-9007199254740991")).int()).toBe(-9007199254740991);
    expect(await failure("9007199254740992", "int")).toBeInstanceOf(RangeError);
    expect(await failure("9223372036854775808", "int64")).toBeInstanceOf(ConfigValueError);
    expect(await failure(1e300, "int64")).toBeInstanceOf(RangeError);
    expect(await failure("9".repeat(1_000_000), "int64")).toBeInstanceOf(ConfigValueError);
    expect(await failure(true, "int64")).toBeInstanceOf(ConfigValueError);
  });

  it("int64(), float() and string() answer integers beyond 2^53 in full", async () => {
    const config = new Config({
      sources: [memorySource([{ key: "a.json", value: '{"v":-9007199254740993}' }])],
    });
    await config.load();
    const large = config.value("v");
    expect(large.int64()).toBe(-9007199254740993n);
    expect(large.string()).toBe("-9007199254740993");
    expect(large.float()).toBe(-9007199254740992);
    expect(large.durationMs()).toBeCloseTo(-9007199254.740993);
    expect(() => large.int()).toThrow(/int64\(\) answers larger ones/);
    expect(() => large.bool()).toThrow(ConfigValueError);
  });

  it("float() reads what Go's ParseFloat reads", async () => {
    const floats: readonly (readonly [string, number])[] = [
      ["1", 1],
      ["-.5e-1", -0.05],
      ["1.", 1],
      ["0x1p-2", 0.25],
      ["-0x1.8p1", -3],
      ["0X.8P0", 0.5],
      ["inf", Number.POSITIVE_INFINITY],
      ["-Infinity", Number.NEGATIVE_INFINITY],
      ["NaN", Number.NaN],
    ];
    for (const [text, expected] of floats)
      expect([text, (await value(text)).float()]).toEqual([text, expected]);
    for (const text of [
      "",
      " 1",
      "1e",
      "0x1",
      "0xp1",
      "1_0",
      "e5",
      ".",
      "1e999",
      "0x1p99999",
      "infinite",
      "+nan",
      "0b1",
    ]) {
      expect(await failure(text, "float"), text).toBeInstanceOf(ConfigValueError);
    }
  });

  it("string() writes numbers as Go does, integers in full", async () => {
    const config = new Config({
      sources: [
        memorySource([
          {
            key: "a.yaml",
            value:
              "v: [0.0001, 123456.5, -1234567.25, 1.5e-7, 2.5e+30, .inf, -.inf, .nan, 1e20, 8000000]",
          },
        ]),
      ],
    });
    await config.load();
    expect(
      config
        .value("v")
        .slice()
        .map((item) => item.string()),
    ).toEqual([
      "0.0001",
      "123456.5",
      "-1.23456725e+06",
      "1.5e-07",
      "2.5e+30",
      "+Inf",
      "-Inf",
      "NaN",
      "1e+20",
      "8000000",
    ]);
  });

  it("slice() and map() answer values that know their paths", async () => {
    const list = await value([{ a: 1 }, null]);
    const [first, second] = list.slice();
    expect(first?.path).toBe("v[0]");
    expect(first?.map().get("a")?.path).toBe("v[0].a");
    expect(first?.map().get("a")?.int()).toBe(1);
    expect(() => second?.string()).toThrow(new ConfigKeyNotFoundError("v[1]"));
    expect(second?.load()).toBeUndefined();
  });

  it("names the path and the type in errors, never the content", async () => {
    const error = await failure("hunter2", "int");
    expect(error).toMatchObject({ name: "ConfigValueError", path: "v" });
    expect(String(error)).toBe(
      'ConfigValueError: Cannot read config "v" as an integer as it must be a number or decimal text of 64 bits: current value is a string',
    );
  });
});

async function value(content: unknown): Promise<Value> {
  const config = new Config({ sources: [memorySource({ v: content })] });
  await config.load();
  return config.value("v");
}

async function failure(
  content: unknown,
  accessor: "int" | "int64" | "float" | "durationMs",
): Promise<unknown> {
  const read = await value(content);
  try {
    return read[accessor]();
  } catch (error) {
    return error;
  }
}
