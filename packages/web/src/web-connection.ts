/**
 * Calls services from a browser, over fetch.
 *
 *     const greeter = createClient(Greeter, createWebConnection({ baseUrl: "" }));
 *     const { message } = await greeter.sayHello({ name: "kratos" });
 */
import type { Protocol } from "@kratosjs/core/http/protocols";
import { connectProtocol } from "@kratosjs/core/http/protocols/connect";
import { grpcWebProtocol } from "@kratosjs/core/http/protocols/grpc-web";
import { restProtocol } from "@kratosjs/core/http/protocols/rest";
import type { Connection } from "@kratosjs/core/rpc";
import { connectOver } from "./connect-over.ts";
import type { WebConnectionOptions } from "./web-connection-options.ts";

/**
 * Makes a connection over fetch, for `createClient`. Calls behave as over an HttpClient, but what a browser
 * does by itself: it follows redirects, unpacks bodies, and sends a stream of requests when that has ended.
 */
export function createWebConnection(options: WebConnectionOptions): Connection {
  return connectOver(protocolOf(options), options);
}

function protocolOf({ protocol, connectGet, ...rest }: WebConnectionOptions): Protocol {
  if (protocol === "connect") return connectProtocol({ get: connectGet === true });
  if (protocol === "grpc-web" || protocol === "grpc-web-text") {
    return grpcWebProtocol({ text: protocol === "grpc-web-text" });
  }
  return restProtocol(rest);
}
