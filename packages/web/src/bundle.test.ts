/**
 * What a page loads. Counted is all that is not the protobuf runtime (`@bufbuild/protobuf`) and not
 * generated schemas (`@kratosjs/protos` and the service's own): minified, and packed by gzip.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
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

const packed = ({ code }: Chunk): number => gzipSync(code, { level: 9 }).length;
const holds = ({ moduleIds }: Chunk, file: string): boolean =>
  moduleIds.some((id) => id.endsWith(file));

describe("@kratosjs/web in a bundle", () => {
  let whole: Chunk;
  let rest: Chunk;
  beforeAll(async () => {
    whole = await bundle("page.ts");
    rest = await bundle("rest-page.ts");
  }, 60_000);

  test("createWebConnection() is less than 17 KiB with REST, Connect and gRPC-Web, what is generated not counted", () => {
    for (const file of ["rest-protocol.ts", "connect-protocol.ts", "grpc-web-protocol.ts"]) {
      expect(holds(whole, file)).toBe(true);
    }
    expect(packed(whole)).toBeLessThan(17 * kib);
  });

  test("createRestConnection() is less than 13 KiB: the other protocols stay out", () => {
    expect(holds(rest, "rest-protocol.ts")).toBe(true);
    expect(holds(rest, "connect-protocol.ts")).toBe(false);
    expect(holds(rest, "grpc-web-protocol.ts")).toBe(false);
    expect(packed(rest)).toBeLessThan(13 * kib);
  });

  test("createWebConnection() takes nothing of Node into a bundle", async () => {
    const { moduleIds, imports } = await bundle("page.ts", []);
    const modules = [...moduleIds, ...imports];
    expect(modules.some((id) => id.endsWith("web-connection.ts"))).toBe(true);
    expect(modules.filter((id) => /(^|[^\w])node:|__vite-browser-external/.test(id))).toEqual([]);
  });
});
