import { describe, expect, it } from "vitest";
import { pickEndpoint, sameInstance, type ServiceInstance } from "./index.ts";
import endpointUrls from "./testdata/endpoint-urls.json" with { type: "json" };
import registryEndpoints from "./testdata/registry-endpoints.json" with { type: "json" };

interface Vector {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly endpoints?: readonly string[];
    readonly scheme?: string;
    readonly a?: ServiceInstance;
    readonly b?: ServiceInstance;
  };
  readonly expected: unknown;
}

/** Operations that are shown elsewhere, with the reason. */
const elsewhere: Readonly<Record<string, string>> = {
  scheme: "the scheme a server advertises belongs to the room transport",
  validIP: "the address a server advertises belongs to the room transport",
  isValidIP: "the address a server advertises belongs to the room transport",
  advertise: "the address a server advertises belongs to the room transport",
  extract: "the address a server advertises belongs to the room transport",
  extractHostPort: "the address a server advertises belongs to the room transport",
  newEndpoint: "the endpoint a server advertises belongs to the room transport",
  serverEndpoint: "the endpoint a server advertises belongs to the edges",
  target: "targets of clients are shown by selector/resolver",
  parseHttpTarget: "targets of clients are shown by selector/resolver",
  grpcTarget: "targets of clients are shown by selector/resolver",
  newHttpClient: "targets of clients are shown by selector/resolver",
};

// The files are lists of one shape; the compiler sees a union of each line's.
const vectors = [...registryEndpoints.cases, ...endpointUrls.cases] as unknown as readonly Vector[];

describe("registry, as Go does it", () => {
  for (const { name, input, expected } of vectors) {
    const reason = elsewhere[input.op];
    if (reason !== undefined) it.skip(`${input.op}: ${name} (${reason})`);
    else it(`${input.op}: ${name}`, () => expect(run(input)).toEqual(expected));
  }
});

function run({ op, endpoints, scheme, a, b }: Vector["input"]): unknown {
  if (op === "equal" && a !== undefined && b !== undefined) return sameInstance(a, b);
  if (op !== "parse" && op !== "parseEndpoint") throw new Error(`unknown operation ${op}`);
  return pickEndpoint({ endpoints: endpoints ?? [] }, scheme ?? "") ?? "";
}

describe("pickEndpoint()", () => {
  it.each([
    ["grpc://[::1]:9000", "[::1]:9000"],
    ["GRPC://127.0.0.1:9000/path", "127.0.0.1:9000"],
    ["grpc://user:secret@127.0.0.1:9000", "127.0.0.1:9000"],
  ])("answers the host of %s", (endpoint, host) => {
    expect(pickEndpoint({ endpoints: [endpoint] }, "grpc")).toBe(host);
  });

  it("keeps the standard port of a scheme", () => {
    expect(pickEndpoint({ endpoints: ["http://10.0.0.1:80"] }, "http")).toBe("10.0.0.1:80");
  });

  it.each([
    "http://127.0.0.1:bad",
    "127.0.0.1:9000",
    "http://[::1",
    "http://a b:1",
    "http://::1:80",
  ])("takes %s, which is no URL, as a record in doubt", (endpoint) => {
    expect(
      pickEndpoint({ endpoints: [endpoint, "grpc://127.0.0.1:9000"] }, "grpc"),
    ).toBeUndefined();
  });

  it.each(["", "mailto:someone", "path/only", "http://"])("passes over %o", (endpoint) => {
    expect(pickEndpoint({ endpoints: [endpoint, "grpc://127.0.0.1:9000"] }, "grpc")).toBe(
      "127.0.0.1:9000",
    );
  });

  it("is quick about hostile text", () => {
    const endpoints = [
      `http://${"a".repeat(100_000)}:${"1".repeat(100_000)}x`,
      `${"a+".repeat(100_000)}:`,
    ];
    expect(pickEndpoint({ endpoints }, "grpc")).toBeUndefined();
  });
});

describe("sameInstance()", () => {
  const one = { id: "1", name: "n", version: "v", metadata: {}, endpoints: ["a"] };

  it.each([
    { id: "2" },
    { name: "m" },
    { version: "w" },
    { endpoints: ["a", "a"] },
    { endpoints: ["b"] },
    { metadata: { toString: "" } },
  ])("tells %o apart", (change) => {
    expect(sameInstance(one, { ...one, ...change })).toBe(false);
    expect(sameInstance({ ...one, ...change }, one)).toBe(false);
  });
});
