import { describe, expect, it } from "vitest";
import { background } from "../context/index.ts";
import {
  clientTransport,
  formatHostPort,
  HeaderMap,
  parseAddress,
  serverTransport,
  withClientTransport,
  withServerTransport,
} from "./index.ts";
import { advertisedHost, type Interfaces } from "./interfaces/index.ts";
import vectors from "./testdata/endpoint-urls.json" with { type: "json" };

function eth(address: string, family: "IPv4" | "IPv6" = "IPv4", internal = false) {
  return { address, family, internal, netmask: "", mac: "", cidr: null, scopeid: 0 } as const;
}

const interfaces = {
  lo: [eth("127.0.0.1", "IPv4", true)],
  eth0: [eth("fe80::1", "IPv6"), eth("fc00::5", "IPv6"), eth("10.1.2.3")],
  eth1: [eth("8.8.8.8")],
} as unknown as Interfaces;

describe("advertisedHost()", () => {
  // No interface has a name for an address: the case "localhost" cannot be asked here.
  const addresses = vectors.cases.filter(
    ({ input }) => input.op === "isValidIP" && input.ip !== "localhost",
  );
  it.each(addresses)("$name", ({ input, expected }) => {
    const { ip = "" } = input;
    const family = ip.includes(":") ? "IPv6" : "IPv4";
    const both = { eth0: [eth(ip, family)], eth1: [eth("9.9.9.9")] } as unknown as Interfaces;
    expect(advertisedHost("", both)).toBe(expected === true ? ip : "9.9.9.9");
  });

  it.each(vectors.cases.filter(({ input }) => input.op === "extract" && input.hostPort !== "abc"))(
    "$name",
    ({ input, expected }) => {
      const { hostPort = "", listenerPort } = input as {
        hostPort?: string;
        listenerPort: number | null;
      };
      const address = parseAddress(hostPort === "" ? ":0" : hostPort);
      if (address.kind === "unix") throw new Error("not in the vectors");
      const text = formatHostPort(
        advertisedHost(address.host, interfaces),
        listenerPort ?? address.port,
      );
      if (typeof expected === "string") expect(text).toBe(expected);
      else expect(text).toBe(`10.1.2.3:${(expected as { port: string }).port}`);
    },
  );

  it("prefers the first interface, and IPv4 on it", () => {
    expect(advertisedHost("::", interfaces)).toBe("10.1.2.3");
    expect(advertisedHost("", { eth0: interfaces["eth0"]?.slice(0, 2) })).toBe("fc00::5");
  });

  it("means this machine when there is no other interface", () => {
    expect(advertisedHost("0.0.0.0", { lo: interfaces["lo"] })).toBe("127.0.0.1");
  });
});

describe("parseAddress()", () => {
  it("reads host:port, :port, IPv6 and unix sockets", () => {
    expect(parseAddress("localhost:80")).toEqual({ kind: "tcp", host: "localhost", port: 80 });
    expect(parseAddress(":0")).toEqual({ kind: "tcp", host: "", port: 0 });
    expect(parseAddress("[::1]:9")).toEqual({ kind: "tcp", host: "::1", port: 9 });
    expect(parseAddress("unix:/tmp/a.sock")).toEqual({ kind: "unix", path: "/tmp/a.sock" });
    expect(parseAddress("unix:///tmp/a.sock")).toEqual({ kind: "unix", path: "/tmp/a.sock" });
  });

  it.each(["abc", "a:b", "a:70000", "http://127.0.0.1:8000", "consul://2/33", "unix:", ""])(
    "refuses %j",
    (text) => {
      expect(() => parseAddress(text)).toThrow(TypeError);
    },
  );
});

describe("HeaderMap", () => {
  it("matches names without case and keeps several values", () => {
    const header = new HeaderMap([
      ["X-A", "1"],
      ["x-b", ["2", "3"]],
    ]);
    header.add("x-A", "4");
    expect(header.values("X-a")).toEqual(["1", "4"]);
    expect(header.get("X-B")).toBe("2");
    expect(header.get("none")).toBe("");
    expect(header.keys()).toEqual(["x-a", "x-b"]);
    header.set("X-A", "5");
    header.delete("X-B");
    expect([...header.entries()]).toEqual([["x-a", ["5"]]]);
  });
});

it("serverTransport() and clientTransport() are two slots", () => {
  const one = {
    kind: "grpc",
    endpoint: "",
    operation: "/a/b",
    requestHeader: new HeaderMap(),
    replyHeader: new HeaderMap(),
  };
  const ctx = withServerTransport(background, one);
  expect(serverTransport(ctx)).toBe(one);
  expect(clientTransport(ctx)).toBeUndefined();
  expect(serverTransport(withClientTransport(ctx, { ...one }))).toBe(one);
});
