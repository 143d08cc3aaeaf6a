import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { grpcFailure } from "../../errors/index.ts";
import { type Address, formatHostPort } from "../../transport/index.ts";
import { askDialer, type Dialer } from "./dialer.ts";

export interface DialOptions {
  /** Over TLS with these options. */
  readonly tls: ConnectionOptions | undefined;
  /** The name the certificate must have; undefined is the host. */
  readonly serverName: string | undefined;
  /** What opens the connection below TLS; undefined is a socket of this machine. */
  readonly dialer: Dialer | undefined;
  readonly signal: AbortSignal;
}

/**
 * Opens a socket that is ready for HTTP/2.
 * @throws {KratosError} UNAVAILABLE if no connection comes about.
 */
export async function dial(address: Address, options: DialOptions): Promise<Duplex> {
  const { signal, tls, dialer } = options;
  try {
    const below = dialer && (await askDialer(dialer, formatAddress(address), { signal }));
    if (tls !== undefined) {
      const where = below === undefined ? placeOf(address) : { socket: below, ...placeOf(address) };
      return await opened(dialTls(where, tls, options.serverName), "secureConnect", signal);
    }
    if (below !== undefined) return below;
    const where = placeOf(address);
    return await opened(connectTcp({ ...where, noDelay: true }), "connect", signal);
  } catch (error) {
    throw unavailable(address, error);
  }
}

/** Writes an address as it is parsed. */
export function formatAddress(address: Address): string {
  return address.kind === "unix"
    ? `unix:${address.path}`
    : formatHostPort(address.host, address.port);
}

function opened(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", settle);
      socket.off("close", onClose);
      // Whatever it reports later, an error nobody hears would end the process.
      socket.on("error", () => {});
      if (error === undefined) resolve(socket);
      else {
        socket.destroy();
        reject(error);
      }
    };
    const onAbort = (): void => settle(new Error("no connection within the time limit"));
    const onClose = (): void => settle(new Error("the connection was closed"));
    socket.once("error", settle);
    socket.once("close", onClose);
    socket.once(event, () => settle(agreement(socket)));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number };

function placeOf(address: Address): Place {
  if (address.kind === "unix") return { path: address.path };
  return { host: address.host === "" ? "localhost" : address.host, port: address.port };
}

function dialTls(
  where: ConnectionOptions,
  tls: ConnectionOptions,
  serverName: string | undefined,
): TLSSocket {
  const servername = serverName === undefined ? {} : { servername: serverName };
  const socket = connectTls({ ...servername, ...tls, ...where, ALPNProtocols: ["h2"] });
  socket.setNoDelay(true);
  return socket;
}

/** What is wrong with a socket that is open. */
function agreement(socket: Socket): Error | undefined {
  const protocol = "alpnProtocol" in socket ? socket.alpnProtocol : "h2";
  return protocol === "h2" ? undefined : new Error("the peer does not speak h2");
}

function unavailable(address: Address, cause: unknown): Error {
  const where = address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
  // Several addresses of one host fail as an AggregateError, whose own message is empty.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const text = first instanceof Error ? first.message : String(first);
  return grpcFailure("UNAVAILABLE", `no connection to ${where}: ${text}`, { cause });
}
