/**
 * What a page loads. Counted is all that is not the protobuf runtime (`@bufbuild/protobuf`) and not
 * generated schemas (`@kratosjs/protos` and the service's own): minified, and packed by gzip.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, test } from "vitest";

const kib = 1024;
const entry = fileURLToPath(new URL("testdata/page.ts", import.meta.url));
const notCounted = [/^@bufbuild\//, /^@kratosjs\/protos/];

type Chunk = Rolldown.OutputChunk;

async function bundle(external: readonly RegExp[]): Promise<readonly Chunk[]> {
  const built = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@kratosjs/source", "import", "browser"] },
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: entry, external: [...external], platform: "browser" },
    },
  });
  if (!("output" in built)) throw new Error("Vite has made more than one bundle");
  return built.output.filter((file) => file.type === "chunk");
}

const packed = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);

/** What is loaded with a file at once. */
function loadedWith(chunks: readonly Chunk[], name: string): readonly Chunk[] {
  const first = chunks.find((chunk) => chunk.fileName === name || chunk.name === name);
  const loaded = new Set(first === undefined ? [] : [first]);
  for (const { imports } of loaded) {
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) loaded.add(chunk);
  }
  return [...loaded];
}

describe("@kratosjs/web in a bundle", () => {
  let own: readonly Chunk[] = [];
  let page: readonly Chunk[] = [];
  beforeAll(async () => {
    own = await bundle(notCounted);
    page = loadedWith(own, "page");
  }, 60_000);

  test("createWebConnection() with REST is less than 15 KiB, what is generated not counted", () => {
    const bytes = packed(page);
    expect(page.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(15 * kib);
  });

  test.each(["connect", "grpc-web"])(
    "createWebConnection() loads less than 6 KiB more for %s",
    (name) => {
      const more = loadedWith(own, name).filter((chunk) => !page.includes(chunk));
      expect(more.length).toBeGreaterThan(0);
      expect(packed(more)).toBeLessThan(6 * kib);
    },
  );

  test("createWebConnection() takes nothing of Node into a bundle", async () => {
    const whole = await bundle([]);
    const modules = whole.flatMap(({ moduleIds, imports }) => [...moduleIds, ...imports]);
    expect(modules.some((id) => id.endsWith("web-connection.ts"))).toBe(true);
    expect(modules.filter((id) => /(^|[^\w])node:|__vite-browser-external/.test(id))).toEqual([]);
  });
});
