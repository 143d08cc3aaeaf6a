import { describe, expect, it } from "vitest";
import { background, type Context } from "../../context/index.ts";
import {
  Metadata,
  serverMetadata,
  withClientMetadata,
  withServerMetadata,
} from "../../metadata/index.ts";
import vectors from "../../metadata/testdata/metadata-propagation.json" with { type: "json" };
import { HeaderMap, withClientTransport, withServerTransport } from "../../transport/index.ts";
import { forwardMetadata, metadata } from "./index.ts";

interface Input {
  op: string;
  prefixes?: string[];
  constants?: Record<string, string[]>;
  headers?: Record<string, string[]>;
  clientMetadata?: Record<string, string[]>;
  serverMetadata?: Record<string, string[]>;
  noTransport?: boolean;
}

function transport(requestHeader: HeaderMap) {
  return {
    kind: "http",
    endpoint: "",
    operation: "/a/b",
    requestHeader,
    replyHeader: new HeaderMap(),
  };
}

async function contextInside(
  middleware: ReturnType<typeof metadata>,
  outer: Context,
): Promise<Context> {
  let inside = outer;
  await middleware(async (_request, ctx) => {
    inside = ctx;
    return undefined;
  })(undefined, outer);
  return inside;
}

describe("metadata() by the vectors", () => {
  it.each(vectors.cases.filter(({ input }) => input.op === "server"))(
    "$name",
    async ({ input, expected }) => {
      const { prefixes, constants = {}, headers = {}, noTransport } = input as Input;
      const outer =
        noTransport === true
          ? background
          : withServerTransport(background, transport(new HeaderMap(Object.entries(headers))));
      const ctx = await contextInside(
        metadata({ constants, ...(prefixes && { prefixes }) }),
        outer,
      );
      expect({ serverMetadata: serverMetadata(ctx)?.toJSON() ?? null }).toEqual(expected);
    },
  );
});

describe("forwardMetadata() by the vectors", () => {
  it.each(vectors.cases.filter(({ input }) => input.op === "client"))(
    "$name",
    async ({ input, expected }) => {
      const given = input as Input;
      const header = new HeaderMap();
      let ctx = withClientTransport(background, transport(header));
      ctx = withClientMetadata(ctx, new Metadata(given.clientMetadata ?? {}));
      ctx = withServerMetadata(ctx, new Metadata(given.serverMetadata ?? {}));
      await contextInside(
        forwardMetadata({
          constants: given.constants ?? {},
          ...(given.prefixes && { prefixes: given.prefixes }),
        }),
        ctx,
      );
      expect({ headers: Object.fromEntries(header.entries()) }).toEqual(expected);
    },
  );

  it("does nothing outside a client's call", async () => {
    expect(await contextInside(forwardMetadata({ constants: { a: "1" } }), background)).toBe(
      background,
    );
  });
});

describe("metadata() prefixes by the vectors", () => {
  it.each(vectors.cases.filter(({ input }) => input.op === "hasPrefix"))(
    "$name",
    async ({ input, expected }) => {
      const { prefixes = [], key = "" } = input as { prefixes?: string[]; key?: string };
      const header = new HeaderMap([[key, "v"]]);
      const ctx = await contextInside(
        metadata({ prefixes }),
        withServerTransport(background, transport(header)),
      );
      expect({ match: serverMetadata(ctx)?.get(key) === "v" }).toEqual(expected);
    },
  );
});

// The case "grpc client sends only the first value of each key" is a quirk not followed: all values are sent.
it("metadata() cases left to no test are the one quirk", () => {
  const known = ["new", "get", "set", "add", "append", "merge", "server", "client", "hasPrefix"];
  const rest = vectors.cases.filter(({ input }) => !known.includes(input.op));
  expect(rest.map(({ name }) => name)).toEqual([
    "grpc client sends only the first value of each key",
  ]);
});
