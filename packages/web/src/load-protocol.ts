import { restProtocol } from "@kratosjs/core/http/protocols/rest";
import type { Protocol } from "@kratosjs/core/http/protocols";
import type { Handler } from "@kratosjs/core/middleware";
import type { WebConnectionOptions } from "./web-connection-options.ts";

/** What of a connection's settings its protocol is made of. */
export type ProtocolSettings = Required<
  Pick<WebConnectionOptions, "protocol" | "connectGet" | "streams">
> &
  Pick<WebConnectionOptions, "openStream">;

/**
 * Makes the protocol of a connection, whose code is a file of its own in a bundle: a page loads the one it
 * uses. Loading begins here; calls wait for it.
 */
export function loadProtocol(settings: ProtocolSettings): Protocol {
  const loading = load(settings);
  // Told to each call; that there may be none is no failure of the page.
  loading.catch(() => undefined);
  return (method, parts) => {
    let handler: Promise<Handler> | undefined;
    return async (request, ctx) => {
      handler ??= loading.then((protocol) => protocol(method, parts));
      return (await handler)(request, ctx);
    };
  };
}

async function load(settings: ProtocolSettings): Promise<Protocol> {
  const { protocol, connectGet, streams, openStream } = settings;
  if (protocol === "rest") {
    return restProtocol({ streams, openStream });
  }
  if (protocol === "connect") {
    const { connectProtocol } = await import("@kratosjs/core/http/protocols/connect");
    return connectProtocol({ get: connectGet });
  }
  const { grpcWebProtocol } = await import("@kratosjs/core/http/protocols/grpc-web");
  return grpcWebProtocol({ text: protocol === "grpc-web-text" });
}
