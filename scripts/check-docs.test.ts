import { describe, expect, it } from "vitest";
import { checkDocs } from "./check-docs.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const file = "packages/h2/src/a.ts";

function check(files: Readonly<Record<string, string>>): string[] {
  return printed(checkDocs(temporaryTree(files)));
}

/** Checks one option, its documented default against the one in the code. */
function checkDefault(documented: string, actual: string): string[] {
  const text = `export interface AOptions {\n  /** So long. ${documented} */\n  readonly timeoutMs?: number;\n}\n`;
  return check({
    [file]: `${text}const defaults = { timeoutMs: ${actual} } satisfies Required<AOptions>;`,
  });
}

describe("checkDocs() on defaults", () => {
  it("accepts documented defaults that are those of the code", () => {
    expect(checkDefault("@default {2000}", "2000")).toEqual([]);
    expect(checkDefault("@default 2000, and 0 on a terminal", "2000")).toEqual([]);
    expect(checkDefault("@default {2000} for servers", "2_000")).toEqual([]);
    expect(checkDefault("@default {4194304}", "4 * 1024 * 1024")).toEqual([]);
    expect(checkDefault(`@default {["x-md-"]}`, `["x-md-"] as readonly string[]`)).toEqual([]);
    expect(checkDefault("@default {{}}", "{}")).toEqual([]);
    expect(checkDefault("@default the system's clock", "() => Date.now()")).toEqual([]);
  });

  it("finds documented defaults that are not those of the code", () => {
    expect(checkDefault("@default {1000}", "2000")).toEqual([
      `${file}:3 the option timeoutMs documents the default {1000}, but it is 2000`,
    ]);
    expect(checkDefault("@default {200}", "2000")).toHaveLength(1);
    expect(checkDefault("@default 20000", "2000")).toHaveLength(1);
    expect(checkDefault("@default 1000", "2000")).toHaveLength(1);
  });

  it("finds an option without a documented default, and asks none of what is required", () => {
    expect(
      check({
        [file]: `export interface AOptions {\n  readonly a?: number;\n  readonly b: number;\n}`,
      }),
    ).toEqual([`${file}:2 the option a documents no @default`]);
    expect(check({ [file]: `export interface Entry { readonly a?: number }` })).toEqual([]);
  });

  it("matches each interface with the defaults that satisfy it", () => {
    const option = (name: string, value: number) =>
      `interface ${name} {\n/** @default {${value}} */\na?: number }`;
    const table = (name: string, value: number) =>
      `const ${name}Defaults = { a: ${value} } satisfies Partial<${name}>;`;
    const text = [
      option("AOptions", 1),
      option("BOptions", 2),
      table("AOptions", 1),
      table("BOptions", 3),
    ].join("\n");
    expect(check({ [file]: text })).toEqual([
      `${file}:6 the option a documents the default {2}, but it is 3`,
    ]);
  });
});

describe("checkDocs() on links", () => {
  it("finds relative links and anchors that lead nowhere", () => {
    const text =
      "# Top\n[a](docs/b.md) [c](docs/b.md#a-part-or-two)\n[d](docs/none.md) [e](#top)\n![f](none.png)\n[g](docs/b.md#none)\n[h]: gone.md\n";
    expect(
      check({ "README.md": text, "docs/b.md": "## A part, or `two`\n[up](../README.md#top)\n" }),
    ).toEqual([
      "README.md:3 links to docs/none.md, which does not exist",
      "README.md:4 links to none.png, which does not exist",
      "README.md:5 links to docs/b.md#none, which does not exist",
      "README.md:6 links to gone.md, which does not exist",
    ]);
  });

  it("leaves code and other sites alone", () => {
    expect(
      check({
        "README.md": "`[a](b.md)` <https://x.y> [z](https://x.y/none.md)\n```md\n[a](b.md)\n```\n",
      }),
    ).toEqual([]);
  });
});

describe("checkDocs() on examples", () => {
  const source = {
    "examples/a/main.txt": "import b;\n\nfunction f() {\n  if (c) {\n    d();\n  }\n}\n",
  };
  const block = (code: string) =>
    `Text\n\n\`\`\`ts\n// file: examples/a/main.txt\n${code}\n\`\`\`\n`;

  it("accepts a block that is in its file, at another indentation", () => {
    expect(check({ ...source, "README.md": block("if (c) {\n  d();\n}") })).toEqual([]);
    expect(check({ ...source, "README.md": block("\nimport b;\n\nfunction f() {\n") })).toEqual([]);
    expect(check({ ...source, "README.md": "```ts\nconst free = 1;\n```\n" })).toEqual([]);
  });

  it("finds a block that is not in its file, or whose file is gone", () => {
    const message = "README.md:3 shows code that is not in examples/a/main.txt";
    expect(check({ ...source, "README.md": block("if (c) {\n  e();\n}") })).toEqual([message]);
    expect(check({ ...source, "README.md": block("if (c) {\n    d();\n}") })).toEqual([message]);
    expect(check({ ...source, "README.md": block("") })).toEqual([message]);
    expect(check({ "README.md": block("if (c) {") })).toEqual([
      "README.md:3 shows examples/a/main.txt, which does not exist",
    ]);
  });
});
