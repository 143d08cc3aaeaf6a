import { grpcFailure } from "../../errors/index.ts";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Address } from "../../transport/index.ts";

export interface DialOptions {
  /** Over TLS with these options. */
  readonly tls: ConnectionOptions | undefined;
  /** The name the certificate must have; undefined is the host. */
  readonly serverName: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Opens a socket that is ready for HTTP/2.
 * @throws {KratosError} UNAVAILABLE if no connection comes about.
 */
export function dial(address: Address, options: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { signal, tls } = options;
    const socket =
      tls === undefined ? dialPlain(address) : dialTls(address, tls, options.serverName);
    const settle = (error?: Error): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", settle);
      socket.off("close", onClose);
      // Whatever it reports later, an error nobody hears would end the process.
      socket.on("error", () => {});
      if (error === undefined) resolve(socket);
      else {
        socket.destroy();
        reject(unavailable(address, error));
      }
    };
    const onAbort = (): void => settle(new Error("no connection within the time limit"));
    const onClose = (): void => settle(new Error("the connection was closed"));
    socket.once("error", settle);
    socket.once("close", onClose);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => settle(agreement(socket)));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

function dialPlain(address: Address): Socket {
  return address.kind === "unix"
    ? connectTcp({ path: address.path })
    : connectTcp({ host: hostOf(address.host), port: address.port, noDelay: true });
}

function dialTls(
  address: Address,
  tls: ConnectionOptions,
  serverName: string | undefined,
): TLSSocket {
  const where =
    address.kind === "unix"
      ? { path: address.path }
      : { host: hostOf(address.host), port: address.port };
  const servername = serverName === undefined ? {} : { servername: serverName };
  const socket = connectTls({ ...servername, ...tls, ...where, ALPNProtocols: ["h2"] });
  socket.setNoDelay(true);
  return socket;
}

function hostOf(host: string): string {
  return host === "" ? "localhost" : host;
}

/** What is wrong with a socket that is open. */
function agreement(socket: Socket): Error | undefined {
  const protocol = "alpnProtocol" in socket ? socket.alpnProtocol : "h2";
  return protocol === "h2" ? undefined : new Error("the peer does not speak h2");
}

function unavailable(address: Address, cause: Error): Error {
  const where = address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
  // Several addresses of one host fail as an AggregateError, whose own message is empty.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
  const text = first instanceof Error ? first.message : cause.message;
  return grpcFailure("UNAVAILABLE", `no connection to ${where}: ${text}`, { cause });
}
