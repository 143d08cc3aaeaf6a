import type { Duplex } from "node:stream";

/**
 * Opens the connection that calls to an address go over, before TLS if there is any. The address is `host:port` or
 * `unix:path`; what is opened after the signal has aborted is closed.
 */
export type Dialer = (
  address: string,
  options: { readonly signal: AbortSignal },
) => Promise<Duplex>;

/** Asks a dialer, and no longer than until the signal aborts. */
export function askDialer(
  dialer: Dialer,
  address: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error("no connection within the time limit"));
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const take = (socket: Duplex): void => {
      // Whatever it reports later, an error nobody hears would end the process.
      socket.on("error", () => {});
      if (signal.aborted) socket.destroy();
      else resolve(socket);
    };
    Promise.resolve()
      .then(() => dialer(address, { signal }))
      .then(take)
      .catch(reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}
