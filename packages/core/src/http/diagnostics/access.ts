import { isIP } from "node:net";
import { AddressSet } from "../proxies/address-set.ts";
import type { Exchange } from "../wire/exchange.ts";
import { firstLine } from "../wire/header-lines.ts";
import type { DiagnosticsOptions } from "./diagnostics-options.ts";

type Access = (exchange: Exchange) => boolean;

/** What proxies add: a request that has one of them is not of the peer itself. */
const marks = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/**
 * Makes the question who may see a server's pages on itself.
 * @throws {TypeError} If an address is none.
 */
export function accessFor(allow: NonNullable<DiagnosticsOptions["allow"]>): Access {
  if (allow === "everybody") return () => true;
  const addresses = new AddressSet(typeof allow === "string" ? [allow] : allow);
  const isLocal = allow === "loopback";
  return (exchange) => {
    const { peerAddress, remoteAddress } = exchange;
    if (!addresses.has(peerAddress) || !addresses.has(remoteAddress)) return false;
    // A proxy on this machine speaks for the world; where it is not trusted nobody knows for whom.
    if (peerAddress === remoteAddress && isForwarded(exchange)) return false;
    return !isOfStrangePage(exchange) && (!isLocal || isLocalHost(exchange.host));
  };
}

function isForwarded({ rawHeaders }: Exchange): boolean {
  return marks.some((name) => firstLine(rawHeaders, name) !== undefined);
}

/** Browsers on this machine ask for whatever page they are on. */
function isOfStrangePage({ rawHeaders }: Exchange): boolean {
  const site = firstLine(rawHeaders, "sec-fetch-site");
  return site === "cross-site" || site === "same-site";
}

/** A name that somebody else has pointed at this machine is a page's attempt to read as its own what is here. */
function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return name === "localhost" || isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
}
