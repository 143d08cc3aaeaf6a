import type { IncomingMessage, ServerResponse } from "node:http";
import type { Exchange } from "../wire/exchange.ts";
import { FetchExchange } from "../wire/fetch-exchange.ts";
import type { Guests } from "../wire/guests.ts";
import { NodeExchange } from "../wire/node-exchange.ts";

/** What answers the requests of other servers. */
export interface ServedHandlers {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly fetch: (request: Request) => Promise<Response>;
}

/** Makes the handlers that bring requests of other servers to this one; `run` answers them. */
export function serveAsHandler(guests: Guests, run: (exchange: Exchange) => void): ServedHandlers {
  return {
    handler(request, response) {
      // Who has left before nobody answers, and tells nobody of it.
      if (response.closed || request.socket.destroyed) return;
      const exchange = new NodeExchange(request, response, guests);
      guests.begin(exchange);
      run(exchange);
    },
    fetch(request) {
      const { signal } = request;
      if (signal.aborted) return Promise.reject(signal.reason);
      const exchange = new FetchExchange(request, guests);
      guests.begin(exchange);
      run(exchange);
      return exchange.response;
    },
  };
}
