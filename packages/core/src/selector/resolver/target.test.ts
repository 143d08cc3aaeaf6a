import { describe, expect, it } from "vitest";
import endpointUrls from "../../registry/testdata/endpoint-urls.json" with { type: "json" };
import registryEndpoints from "../../registry/testdata/registry-endpoints.json" with { type: "json" };
import { parseTarget, Resolver, type Target } from "./index.ts";
import { memoryRegistry } from "../../registry/memory/index.ts";
import { wrrSelector } from "../wrr/index.ts";

interface Vector {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly endpoint?: string;
    readonly target?: string;
    readonly insecure?: boolean;
    readonly tls?: boolean;
    readonly discovery?: boolean;
  };
  readonly expected: unknown;
}

/** Cases where we differ on purpose. */
const different: Readonly<Record<string, string>> = {
  "http target discovery://helloworld insecure=true":
    "would watch a service without a name; refused at construction",
  "new http client: discovery given, https url":
    "a URL is clear with or without a discovery; accepted",
};

const operations = new Set(["target", "parseHttpTarget", "grpcTarget", "newHttpClient"]);
// The files are lists of one shape; the compiler sees a union of each line's.
const cases = [...registryEndpoints.cases, ...endpointUrls.cases] as unknown as readonly Vector[];
const vectors = cases.filter(({ input }) => operations.has(input.op));

describe("parseTarget(), as Go does it", () => {
  for (const { name, input, expected } of vectors) {
    const reason = different[name];
    if (reason === undefined)
      it(`${input.op}: ${name}`, () => expect(run(input)).toEqual(expected));
    else
      it(`${input.op}: ${name} is different (${reason})`, () =>
        expect(run(input)).not.toEqual(expected));
  }
});

function run(input: Vector["input"]): unknown {
  const { op, endpoint = "", target = "", insecure = true, tls = false } = input;
  if (op === "newHttpClient")
    return { ok: canResolve(endpoint, { isSecure: tls, hasDiscovery: input.discovery === true }) };
  if (op === "grpcTarget") return grpcForm(parseTarget(target, "grpc"));
  if (!canResolve(endpoint, { isSecure: !insecure, hasDiscovery: true })) return { ok: false };
  return httpForm(parseTarget(endpoint, insecure ? "http" : "https"), endpoint);
}

function canResolve(
  target: string,
  given: { readonly isSecure: boolean; readonly hasDiscovery: boolean },
): boolean {
  try {
    new Resolver(target, {
      selector: wrrSelector(),
      scheme: given.isSecure ? "https" : "http",
      discovery: given.hasDiscovery ? memoryRegistry() : undefined,
    }).close();
    return true;
  } catch {
    return false;
  }
}

function httpForm(target: Target, text: string): unknown {
  if (target.kind === "static")
    return { scheme: target.scheme, authority: target.addresses[0], endpoint: "" };
  return { scheme: "discovery", authority: new URL(text).host, endpoint: target.serviceName };
}

function grpcForm(target: Target): unknown {
  if (target.kind === "static") return { resolver: "direct", addresses: target.addresses };
  return { resolver: "discovery", service: target.serviceName };
}

describe("parseTarget()", () => {
  it.each([
    ["host:9000", "host:9000"],
    [":9000", "localhost:9000"],
    ["[::1]:9000", "[::1]:9000"],
    ["dns:///host:9000", "host:9000"],
    ["dns:host:9000", "host:9000"],
    ["passthrough:///host:9000", "host:9000"],
    ["unix:relative.sock", "unix:relative.sock"],
    ["unix:/tmp/a.sock", "unix:/tmp/a.sock"],
    ["unix:///tmp/a.sock", "unix:/tmp/a.sock"],
  ])("takes %s as an address of the client's scheme", (text, address) => {
    expect(parseTarget(text, "grpc")).toEqual({
      kind: "static",
      addresses: [address],
      scheme: "grpc",
    });
  });

  it.each([
    ["http://host:8000/", "https", { addresses: ["host:8000"], scheme: "http" }],
    ["https://host", "http", { addresses: ["host:443"], scheme: "https" }],
    ["HTTP://host", "http", { addresses: ["host:80"], scheme: "http" }],
    ["grpcs://host:9000", "grpc", { addresses: ["host:9000"], scheme: "grpcs" }],
  ] as const)("takes the scheme of %s over the client's %s", (text, scheme, expected) => {
    expect(parseTarget(text, scheme)).toEqual({ kind: "static", ...expected });
  });

  it("unescapes the name of a service", () => {
    expect(parseTarget("discovery:///a%2Fb%20c", "grpc")).toMatchObject({ serviceName: "a/b c" });
  });

  it.each([
    ["discovery://users", "three slashes"],
    ["discovery:///", "three slashes"],
    ["discovery:///%zz", "escapes must be valid"],
    ["direct:///a:1,", '"host:port"'],
    ["direct:///", '"host:port"'],
    ["host", '"host:port"'],
    ["", '"host:port"'],
    ["host:0", '"host:port"'],
    ["host:99999", '"host:port"'],
    ["ho st:1", '"host:port"'],
    ["user@host:1", '"host:port"'],
    ["::1:9000", '"host:port"'],
    ["dns://8.8.8.8/host:1", "three slashes"],
    ["unix:", "by its path"],
    ["unix://host/path", "absolute path"],
    ["ftp://host:1", "scheme must be one that is known"],
    ["http://host:1", 'which calls "grpc"'],
    ["grpc://host", '"host:port"'],
    ["grpc://host:1/path", "end after the port"],
    ["grpc://host:1?a=b", "end after the port"],
  ])("refuses %o", (text, rule) => {
    expect(() => parseTarget(text, "grpc")).toThrow(TypeError);
    expect(() => parseTarget(text, "grpc")).toThrow(rule);
    expect(() => parseTarget(text, "grpc")).toThrow(`current value is "${text}"`);
  });
});
