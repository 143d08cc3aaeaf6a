/**
 * Opens sessions to servers of HTTP/2.
 *
 *     const session = await connectH2({ host: "localhost", port: 9000 }, { timeoutMs: 5000 });
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { ClientSession, Engine, SessionOptions } from "../contract.ts";
import { engine as ownEngine } from "../engine.ts";
import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";

/** A port of a host, or the path of a unix socket. */
export type ConnectTarget =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

export interface ConnectOptions {
  /** Connects over TLS with these; the peer must agree on "h2" by ALPN. @default clear text */
  readonly tls?: ConnectionOptions;
  /** Limits and times of the session. @default the engine's */
  readonly session?: SessionOptions;
  /** Milliseconds for the connection and the TLS handshake; 0 is for ever. @default {10000} */
  readonly timeoutMs?: number;
  /** Gives up when it aborts. @default never */
  readonly signal?: AbortSignal;
  /** Makes the session. @default the engine of this package */
  readonly engine?: Engine;
}

const defaults = { timeoutMs: 10_000 } as const satisfies ConnectOptions;

/**
 * Opens a session. Requests may be made at once, the peer's settings apply when they come.
 * @throws {H2Error} If no connection comes about in time, or the peer does not speak HTTP/2; `cause` tells more.
 */
export async function connectH2(
  target: ConnectTarget,
  options: ConnectOptions = {},
): Promise<ClientSession> {
  const { tls, signal, timeoutMs = defaults.timeoutMs, engine = ownEngine() } = options;
  if (signal?.aborted === true) throw unreachable(signal.reason);
  const socket =
    tls === undefined
      ? connect({ ...target, noDelay: true })
      : connectTls({ ...tls, ...target, ALPNProtocols: ["h2"] });
  const ready = tls === undefined ? "connect" : "secureConnect";
  await untilReady(socket, ready, { timeoutMs, signal });
  socket.setNoDelay(true);
  return engine.connect(socket, options.session);
}

function untilReady(
  socket: Socket,
  event: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (failure?: H2Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("close", onClose);
      if (failure === undefined) {
        socket.off("error", onError);
        resolve();
        return;
      }
      // `onError` stays: what the socket still reports concerns nobody.
      socket.destroy();
      reject(failure);
    };
    const onAbort = (): void => settle(unreachable(signal?.reason));
    const onError = (error: Error): void => settle(unreachable(error));
    const onClose = (): void => settle(unreachable(new Error("the connection was closed")));
    const timer =
      timeoutMs > 0
        ? setTimeout(
            () => settle(unreachable(new Error(`no connection after ${timeoutMs} ms`))),
            timeoutMs,
          )
        : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    socket.once("close", onClose);
    socket.once(event, () => settle(disagreement(socket)));
  });
}

/** What is wrong with a connection that has come about. */
function disagreement(socket: Socket): H2Error | undefined {
  const protocol: unknown = "alpnProtocol" in socket ? socket.alpnProtocol : "h2";
  if (protocol === "h2") return undefined;
  const chosen = protocol === false ? "none" : `"${String(protocol)}"`;
  return new H2Error(`Cannot connect as the peer must agree on "h2" by ALPN: it chose ${chosen}`, {
    code: errorCodes.inadequateSecurity,
    scope: "connection",
    section: "RFC 9113 section 3.2",
    remote: true,
    unprocessed: true,
  });
}

function unreachable(cause: unknown): H2Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new H2Error(`Cannot connect: ${why}`, {
    code: errorCodes.connectError,
    scope: "connection",
    section: "no connection",
    remote: true,
    unprocessed: true,
    cause,
  });
}
