import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";
import { BlockList, isIPv6 } from "node:net";

/** Where to listen or whom to call: a host and port, or the path of a unix socket. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Parses `host:port`, `:port`, `[v6]:port` or `unix:/path`. An empty host means every interface.
 * @throws {TypeError} If the text is none of these, or the port is no number from 0 to 65535.
 */
export function parseAddress(text: string): Address {
  if (text.startsWith("unix:")) return parseUnix(text);
  const match = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || !(port <= 65_535)) {
    throw new TypeError(
      `Cannot parse an address as it must be host:port, :port or unix:path: current value is "${text}"`,
    );
  }
  return { kind: "tcp", host: match[1].replace(/^\[(.*)\]$/, "$1"), port };
}

function parseUnix(text: string): Address {
  const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
  if (path === "")
    throw new TypeError(
      `Cannot parse an address as a unix socket must have a path: current value is "${text}"`,
    );
  return { kind: "unix", path };
}

/** Writes `host:port`, with brackets around IPv6. */
export function formatHostPort(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * The host others can reach: a concrete host as it is, for a wildcard the address of the interface
 * listed first, IPv4 preferred, never loopback, link-local or multicast. "127.0.0.1" when there is
 * no such interface: then only this machine can be meant.
 */
export function advertisedHost(host: string, interfaces: Interfaces = networkInterfaces()): string {
  if (host !== "" && host !== "0.0.0.0" && host !== "::") return host;
  for (const addresses of Object.values(interfaces)) {
    const usable = (addresses ?? []).filter(
      (address) => !address.internal && isGlobalUnicast(address),
    );
    const chosen = usable.find((address) => address.family === "IPv4") ?? usable[0];
    if (chosen !== undefined) return chosen.address;
  }
  return "127.0.0.1";
}

/** What `os.networkInterfaces()` answers. */
export type Interfaces = Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>;

function isGlobalUnicast(address: NetworkInterfaceInfo): boolean {
  return !notGlobalUnicast().check(address.address, address.family === "IPv4" ? "ipv4" : "ipv6");
}

function notGlobalUnicast(): BlockList {
  const list = new BlockList();
  list.addSubnet("127.0.0.0", 8);
  list.addSubnet("169.254.0.0", 16);
  list.addSubnet("224.0.0.0", 4);
  list.addAddress("0.0.0.0");
  list.addAddress("255.255.255.255");
  list.addAddress("::", "ipv6");
  list.addAddress("::1", "ipv6");
  list.addSubnet("fe80::", 10, "ipv6");
  list.addSubnet("ff00::", 8, "ipv6");
  return list;
}
