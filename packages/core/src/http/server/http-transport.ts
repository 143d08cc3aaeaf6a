import type { Context } from "../../context/index.ts";
import { serverTransport, type Transport } from "../../transport/index.ts";
import type { Exchange } from "../wire/exchange.ts";

/** What a call over HTTP has beyond a Transport. */
export interface HttpTransport extends Transport {
  readonly kind: "http";
  readonly exchange: Exchange;
  /** The template of the route that was taken. */
  readonly pathTemplate: string;
  /** Renames the call for the middlewares and logs to come. */
  setOperation(name: string): void;
}

/** The call this process is answering over HTTP; undefined outside one. */
export function httpTransport(context: Context): HttpTransport | undefined {
  const transport = serverTransport(context);
  return transport !== undefined && isHttp(transport) ? transport : undefined;
}

function isHttp(transport: Transport): transport is HttpTransport {
  return transport.kind === "http" && "exchange" in transport;
}
