import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLevel, levelNames, levels, parseLevel } from "./index.ts";

interface Case {
  readonly name: string;
  readonly appliesTo: readonly string[];
  readonly input: {
    readonly op: "name" | "parse";
    readonly level?: number;
    readonly text?: string;
  };
  readonly expected: { readonly text?: string; readonly level?: number };
}

const file = new URL("testdata/log-level.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: readonly Case[] }; // the file's shape

const differences: Readonly<Record<string, { readonly reason: string; readonly ours: unknown }>> = {
  "v3 parse offset": {
    reason: "there are five levels: a threshold between two takes the upper one",
    ours: 4,
  },
  "v3 FATAL prints as an offset from ERROR": {
    reason: "fatal stays a level with a name, as in v2",
    ours: "FATAL",
  },
};

/** v2 numbers the levels from -1 in steps of one. */
function severityOf(version: string, text: string): number {
  const level = parseLevel(text);
  return version === "v2" ? levelNames.indexOf(level) - 1 : levels[level];
}

function nameOf(version: string, severity: number): string | undefined {
  const level =
    version === "v2"
      ? levelNames[severity + 1]
      : levelNames.find((name) => levels[name] === severity);
  return level?.toUpperCase();
}

describe("levels", () => {
  it.each(cases)(
    "parseLevel() and levels do as Go does: $name",
    ({ name, appliesTo, input, expected }) => {
      const version = appliesTo[0] ?? "";
      const answer =
        input.op === "parse"
          ? severityOf(version, input.text ?? "")
          : nameOf(version, input.level ?? 0);
      expect(answer).toBe(differences[name]?.ours ?? expected.level ?? expected.text);
    },
  );

  it("the list of differences names cases that exist", () => {
    const names = cases.map((one) => one.name);
    for (const name of Object.keys(differences)) expect(names).toContain(name);
  });

  it("parseLevel() takes offsets to the level that hides the same records", () => {
    expect(parseLevel("debug-4")).toBe("debug");
    expect(parseLevel("WARN-3")).toBe("warn");
    expect(parseLevel("error+1")).toBe("fatal");
    expect(parseLevel("fatal+9")).toBe("fatal");
  });

  it("parseLevel() takes text that is no level for info", () => {
    for (const text of ["", "WARNING", "__proto__", "toString", " warn", "INFO+", "1"]) {
      expect(parseLevel(text)).toBe("info");
    }
  });

  it("isLevel() knows the five names only", () => {
    expect(levelNames.every(isLevel)).toBe(true);
    expect(["INFO", "toString", 4, undefined].some(isLevel)).toBe(false);
  });
});
