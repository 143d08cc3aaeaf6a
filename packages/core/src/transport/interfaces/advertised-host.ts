import { BlockList } from "node:net";
import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";

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
