import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { checkGen } from "./check-gen.mjs";
import { withFreshCode } from "./lib/generated-code.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const generated = "packages/protos/src/gen/google";

describe("checkGen()", () => {
  it("finds generated files that are stale, missing, or made by no template", async () => {
    const base = temporaryTree({});
    await withFreshCode((fresh) => cpSync(fresh, base, { recursive: true }));
    expect(await checkGen(base)).toEqual([]);

    appendFileSync(path.join(base, generated, "api/http_pb.ts"), "// edited\n");
    rmSync(path.join(base, generated, "rpc/code_pb.ts"));
    mkdirSync(path.join(base, generated, "type"));
    writeFileSync(path.join(base, generated, "type/date_pb.ts"), "");
    expect(printed(await checkGen(base))).toEqual([
      `${generated}/api/http_pb.ts:1 is not what its .proto gives: npm run gen`,
      `${generated}/rpc/code_pb.ts:1 is not what its .proto gives: npm run gen`,
      `${generated}/type/date_pb.ts:1 is made by no template: npm run gen`,
    ]);
  });
});
