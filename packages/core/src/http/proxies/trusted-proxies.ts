import type { Exchange } from "../wire/exchange.ts";
import { layerExchange } from "../wire/exchange-layer.ts";
import { AddressSet } from "./address-set.ts";
import { type Hop, hopsOfForwarded, hopsOfXForwarded } from "./forwarded.ts";

/** Whose word on clients is taken. */
export interface TrustedProxiesOptions {
  /** Addresses, networks such as "10.0.0.0/8", "loopback", "private", "linklocal", and "unix" for unix sockets. */
  readonly addresses: readonly string[];
  /**
   * The headers the proxies write: X-Forwarded-For, -Proto and -Host, or Forwarded. Only these are looked at, as
   * proxies pass on what a client writes into the others. @default {"x-forwarded"}
   */
  readonly headers?: "x-forwarded" | "forwarded";
}

/** Sees through the proxies that are trusted. */
export class TrustedProxies {
  readonly #addresses: AddressSet;
  readonly #hopsOf: (rawHeaders: readonly string[]) => readonly Hop[];

  /** @throws {TypeError} If an address is none, or the headers are others. */
  constructor(options: readonly string[] | TrustedProxiesOptions) {
    const { addresses, headers = "x-forwarded" } =
      "addresses" in options ? options : { addresses: options };
    if (headers !== "x-forwarded" && headers !== "forwarded") {
      throw new TypeError(
        `Cannot trust proxies as headers must be "x-forwarded" or "forwarded": current value is ${JSON.stringify(headers)}`,
      );
    }
    this.#addresses = new AddressSet(addresses);
    this.#hopsOf = headers === "forwarded" ? hopsOfForwarded : hopsOfXForwarded;
  }

  /** The exchange with the address, scheme and host of its client; as it is where no trusted proxy tells of one. */
  see(exchange: Exchange): Exchange {
    if (!this.#addresses.has(exchange.peerAddress)) return exchange;
    const hop = this.#clientHop(this.#hopsOf(exchange.rawHeaders));
    if (hop === undefined) return exchange;
    return layerExchange(exchange, {
      remoteAddress: hop.address,
      secure: hop.scheme === "" ? exchange.secure : hop.scheme === "https",
      host: hop.host === "" ? exchange.host : hop.host,
    });
  }

  /**
   * Goes from the nearest hop on as long as each was told by somebody who is trusted: the first who is not is the
   * client, and what stands before it is only its word. A hop without an address ends the trust before it.
   */
  #clientHop(hops: readonly Hop[]): Hop | undefined {
    let client: Hop | undefined;
    for (const hop of hops.toReversed()) {
      if (hop.address === "") return client;
      client = hop;
      if (!this.#addresses.has(hop.address)) return client;
    }
    return client;
  }
}
