import { lookup } from "node:dns/promises";
import { isIPv4, isIPv6, type ListenOptions } from "node:net";
import { type Address, parseAddress } from "./address.ts";

/** The family of addresses a server listens on: both of IP, one of them, or a unix socket. */
export type Network = "tcp" | "tcp4" | "tcp6" | "unix";

/** An address with the network it is listened on. */
export interface ListenPlace {
  readonly address: Address;
  readonly network: Network;
}

/**
 * Reads where to listen; without a network the address tells it. The path of a unix socket may stand alone where
 * the network says what it is.
 * @throws {TypeError} If the address is none, or none of this network.
 */
export function parseListenPlace(text: string, network: Network | undefined): ListenPlace {
  const isPath = network === "unix" && !text.startsWith("unix:") && text.includes("/");
  const address = parseAddress(isPath ? `unix:${text}` : text);
  const place = { address, network: network ?? (address.kind === "unix" ? "unix" : "tcp") };
  if (!fits(place)) {
    throw new TypeError(
      `Cannot listen as the address must be one of the network "${network}": current value is "${text}"`,
    );
  }
  return place;
}

/**
 * Answers what node listens on; a name is looked up in the network's family.
 * @throws {Error} If the name has no address of it.
 */
export async function listenTarget({ address, network }: ListenPlace): Promise<ListenOptions> {
  if (address.kind === "unix") return { path: address.path };
  const { host, port } = address;
  if (network !== "tcp4" && network !== "tcp6") return host === "" ? { port } : { port, host };
  const ipv6Only = network === "tcp6";
  if (host === "") return { port, host: ipv6Only ? "::" : "0.0.0.0", ipv6Only };
  const found = await lookup(host, { family: ipv6Only ? 6 : 4 });
  return { port, host: found.address, ipv6Only };
}

/** Says why a server, told by its class, cannot listen on the address it was given. */
export function listenError(
  cause: unknown,
  { server, address }: { readonly server: string; readonly address: string },
): Error {
  return new Error(
    `Cannot listen on ${address} as ${reasonOf(cause)}; set "address" of ${server} to another`,
    { cause },
  );
}

function reasonOf(cause: unknown): string {
  const { code, message }: NodeJS.ErrnoException =
    cause instanceof Error ? cause : new Error(String(cause));
  if (code === "EADDRINUSE") return "the port is taken";
  if (code === "EACCES") return "the process may not open the port";
  if (code === "EADDRNOTAVAIL") return "no interface has this address";
  return `the system refuses it (${code ?? message})`;
}

function fits({ address, network }: ListenPlace): boolean {
  if (address.kind === "unix") return network === "unix";
  if (network === "tcp4") return !isIPv6(address.host);
  if (network === "tcp6") return !isIPv4(address.host);
  return network === "tcp";
}
