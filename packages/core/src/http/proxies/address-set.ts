import { BlockList, isIP } from "node:net";

/** Addresses by name; "unix" is every peer without one, as those of unix sockets are. */
const named: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
  ["unix", []],
]);

/** A set of IP addresses, made of addresses, networks such as "10.0.0.0/8", and names. */
export class AddressSet {
  readonly #list: BlockList = new BlockList();
  readonly #hasUnix: boolean;

  /** @throws {TypeError} If one of them is neither an address, a network nor a name. */
  constructor(members: readonly string[]) {
    this.#hasUnix = members.includes("unix");
    for (const member of members) for (const text of named.get(member) ?? [member]) this.#add(text);
  }

  /** Whether an address is of the set; "" is the one of peers without any. */
  has(address: string): boolean {
    if (address === "") return this.#hasUnix;
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && this.#list.check(plain, version === 4 ? "ipv4" : "ipv6");
  }

  #add(text: string): void {
    const [address = "", bits, ...rest] = text.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : Number(/^\d{1,3}$/.exec(bits)?.[0]);
    if (version === 0 || rest.length > 0 || !(prefix <= most)) {
      throw new TypeError(
        `Cannot use an address as it must be an IP, a network such as "10.0.0.0/8", or one of ${[...named.keys()].join(", ")}: current value is ${JSON.stringify(text)}`,
      );
    }
    this.#list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
}

/** An address of IPv4 that came as one of IPv6 as what it is, and one of IPv6 without its zone. */
export function plainAddress(address: string): string {
  const [plain = ""] = address.split("%", 1);
  return /^::ffff:\d/i.test(plain) ? plain.slice("::ffff:".length) : plain;
}
