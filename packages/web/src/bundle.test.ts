/**
 * What a page loads. Counted is all that is not the protobuf runtime (`@bufbuild/protobuf`) and not
 * generated schemas (`@kratosjs/protos` and the service's own), nor the lines that import these: minified, and
 * packed by gzip, which is all some servers have; brotli makes less of it.
 */
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, test } from "vitest";

const kib = 1024;
const notCounted = [/^@bufbuild\//, /^@kratosjs\/protos/];

type Chunk = Rolldown.OutputChunk;

/** Bundles a page of `testdata` into one file. */
async function bundle(page: string, external: readonly RegExp[] = notCounted): Promise<Chunk> {
  const input = fileURLToPath(new URL(`testdata/${page}`, import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@kratosjs/source", "import", "browser"] },
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: {
        input,
        external: [...external],
        platform: "browser",
        output: { codeSplitting: false },
      },
    },
  });
  if (!("output" in built)) throw new Error("Vite has made more than one bundle");
  const [chunk, ...more] = built.output.filter((file) => file.type === "chunk");
  if (chunk === undefined || more.length > 0) throw new Error("Vite has made more than one file");
  return chunk;
}

const counted = ({ code }: Chunk): string => code.replace(/^(?:import\{[^}]*\}from"[^"]+";)+/, "");
const byBrotli = (chunk: Chunk): number => brotliCompressSync(counted(chunk)).length;
const byGzip = (chunk: Chunk): number => gzipSync(counted(chunk), { level: 9 }).length;
const holds = ({ moduleIds }: Chunk, file: string): boolean =>
  moduleIds.some((id) => id.endsWith(file));

describe("@kratosjs/web in a bundle", () => {
  let whole: Chunk;
  let rest: Chunk;
  beforeAll(async () => {
    whole = await bundle("page.ts");
    rest = await bundle("rest-page.ts");
  }, 60_000);

  test("createWebConnection() is less than 15 KiB with REST, Connect and gRPC-Web, what is generated not counted", () => {
    for (const file of ["rest-protocol.ts", "connect-protocol.ts", "grpc-web-protocol.ts"]) {
      expect(holds(whole, file)).toBe(true);
    }
    expect(byGzip(whole)).toBeLessThan(15 * kib);
    expect(byBrotli(whole)).toBeLessThan(14 * kib);
  });

  test("createRestConnection() is less than 11 KiB: the other protocols stay out", () => {
    expect(holds(rest, "rest-protocol.ts")).toBe(true);
    expect(holds(rest, "connect-protocol.ts")).toBe(false);
    expect(holds(rest, "grpc-web-protocol.ts")).toBe(false);
    expect(byGzip(rest)).toBeLessThan(11 * kib);
    expect(byBrotli(rest)).toBeLessThan(10 * kib);
  });

  test("createRestConnection() writes paths without what only servers read templates with", () => {
    expect(holds(rest, "path-pieces.ts")).toBe(true);
    expect(holds(rest, "parse-template.ts")).toBe(false);
    expect(holds(rest, "create-binding.ts")).toBe(false);
  });

  test("createWebConnection() takes nothing of Node into a bundle", async () => {
    const { moduleIds, imports } = await bundle("page.ts", []);
    const modules = [...moduleIds, ...imports];
    expect(modules.some((id) => id.endsWith("web-connection.ts"))).toBe(true);
    expect(modules.filter((id) => /(^|[^\w])node:|__vite-browser-external/.test(id))).toEqual([]);
  });
});
