import { describe, expect, it } from "vitest";
import { checkFloors } from "./check-floors.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const core = "packages/core/src";

/** Checks a tree of files of core, given by their path inside it. */
function check(files: Readonly<Record<string, string>>): string[] {
  const placed = Object.entries(files).map(([file, text]) => [
    file.startsWith("packages/") ? file : `${core}/${file}`,
    text,
  ]);
  return printed(checkFloors(temporaryTree(Object.fromEntries(placed)), []));
}

describe("checkFloors()", () => {
  it("allows imports that go down, through the index", () => {
    expect(
      check({
        "log/logger.ts": `import { background } from "../context/index.ts";`,
        "config/file/file-source.ts": `import type { Source } from "../index.ts"; import { tree } from "../tree.ts";`,
        "rpc/client.ts": `import { recovery } from "../middleware/recovery/index.ts";`,
        "http/http-server.ts": `import { prepare } from "../rpc/index.ts"; import { part } from "./server/part.ts";`,
        "app/app.ts": `import type { Server } from "../transport/index.ts";`,
        "index.ts": `export { HttpServer } from "./http/index.ts";`,
      }),
    ).toEqual([]);
  });

  it("finds an import that goes up, with a type as with a value", () => {
    expect(
      check({ "errors/status.ts": `import { Header } from "../transport/index.ts";` }),
    ).toEqual([`${core}/errors/status.ts:1 errors (floor 0) imports transport (floor 1)`]);
    expect(
      check({ "errors/status.ts": `\nimport type { Header } from "../transport/index.ts";` }),
    ).toEqual([`${core}/errors/status.ts:2 errors (floor 0) imports transport (floor 1)`]);
    expect(
      check({ "errors/status.ts": `export type H = import("../transport/index.ts").Header;` }),
    ).toHaveLength(1);
    expect(
      check({ "errors/status.ts": `export { header } from "../transport/index.ts";` }),
    ).toHaveLength(1);
    expect(
      check({ "errors/status.ts": `export const header = import("../transport/index.ts");` }),
    ).toHaveLength(1);
  });

  it("finds a contract that imports its implementation", () => {
    expect(
      check({ "registry/index.ts": `export { localRegistry } from "./local/index.ts";` }),
    ).toEqual([`${core}/registry/index.ts:1 registry (floor 1) imports registry/local (floor 3)`]);
  });

  it("finds implementations that import one another", () => {
    expect(
      check({ "middleware/logging/logging.ts": `import { x } from "../recovery/index.ts";` }),
    ).toEqual([
      `${core}/middleware/logging/logging.ts:1 middleware/logging (floor 3) imports middleware/recovery (floor 3)`,
    ]);
    expect(
      check({ "selector/p2c/p2c.ts": `import { x } from "../../registry/local/index.ts";` }),
    ).toHaveLength(1);
  });

  it("finds an edge that imports the other edge, and App importing an edge or an implementation", () => {
    expect(check({ "http/a.ts": `import { x } from "../grpc/index.ts";` })).toHaveLength(1);
    expect(check({ "app/a.ts": `import { x } from "../http/index.ts";` })).toEqual([
      `${core}/app/a.ts:1 app imports http: it may import contracts only`,
    ]);
    expect(check({ "app/a.ts": `import { x } from "../registry/local/index.ts";` })).toHaveLength(
      1,
    );
  });

  it("finds an import of another room past its index", () => {
    expect(check({ "log/logger.ts": `import { x } from "../context/background.ts";` })).toEqual([
      `${core}/log/logger.ts:1 imports ${core}/context/background.ts: only context/index.ts is open to other rooms`,
    ]);
  });

  it("finds rooms of one floor that import one another, and allows one direction", () => {
    const one = { "metadata/a.ts": `import { x } from "../context/index.ts";` };
    expect(check(one)).toEqual([]);
    expect(check({ ...one, "context/b.ts": `import { y } from "../metadata/index.ts";` })).toEqual([
      `${core}/context/b.ts:1 context imports metadata, which imports context`,
      `${core}/metadata/a.ts:1 metadata imports context, which imports metadata`,
    ]);
  });

  it("finds files of core outside of every room", () => {
    expect(check({ "extra/a.ts": `import { x } from "../context/index.ts";` })).toHaveLength(1);
    expect(check({ "log/a.ts": `import { x } from "../extra/index.ts";` })).toHaveLength(1);
  });

  it("finds packages that import up, sideways, by path, or themselves", () => {
    expect(check({ "packages/h2/src/a.ts": `import { x } from "@kratosjs/core";` })).toEqual([
      "packages/h2/src/a.ts:1 packages/h2 imports @kratosjs/core, which is not below it",
    ]);
    expect(check({ "packages/aegis/src/a.ts": `import { x } from "@kratosjs/h2";` })).toHaveLength(
      1,
    );
    expect(check({ "log/a.ts": `import { x } from "@kratosjs/testing";` })).toHaveLength(1);
    expect(check({ "log/a.ts": `import { x } from "@kratosjs/log-pino";` })).toHaveLength(1);
    expect(check({ "log/a.ts": `import { x } from "@kratosjs/core/errors";` })).toHaveLength(1);
    expect(check({ "http/a.ts": `import { x } from "../../../h2/src/index.ts";` })).toHaveLength(1);
    expect(check({ "packages/new/src/a.ts": `import { x } from "@kratosjs/core";` })).toHaveLength(
      1,
    );
    expect(
      check({
        "http/a.ts": `import { x } from "@kratosjs/h2"; import { y } from "@kratosjs/protos/errors/errors_pb.js";`,
      }),
    ).toEqual([]);
  });

  it("allows tests what sources may not", () => {
    expect(
      check({ "registry/memory/memory.test.ts": `import { x } from "@kratosjs/testing";` }),
    ).toEqual([]);
  });

  it("honours a documented exception, and finds one that is not needed", () => {
    const exception = {
      from: "encoding/defaults",
      to: "encoding/json",
      reason: "the ready-made set",
    };
    const needed = temporaryTree({
      [`${core}/encoding/defaults/a.ts`]: `import { json } from "../json/index.ts";`,
    });
    expect(checkFloors(needed, [exception])).toEqual([]);
    const stale = temporaryTree({ [`${core}/encoding/defaults/a.ts`]: `export const a = 1;` });
    expect(printed(checkFloors(stale, [exception]))).toEqual([
      `${core}/encoding/defaults:1 does not import encoding/json: remove the exception`,
    ]);
  });
});
