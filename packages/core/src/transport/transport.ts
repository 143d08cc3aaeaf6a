import type { DescMethod } from "@bufbuild/protobuf";
import { type Context, type ContextKey, createSharedContextKey } from "../context/index.ts";
import type { Header } from "./header.ts";

/** What middleware can know of the call it wraps, whatever wire the call is on. */
export interface Transport {
  /** "grpc", "http", or the name of another transport. */
  readonly kind: string;
  /** Server: the advertised URL, "" while unknown. Client: the target it was given. */
  readonly endpoint: string;
  /** "/package.Service/Method"; for a route written by hand its path template. */
  readonly operation: string;
  /** The template of the path, over HTTP; undefined where the wire has none. */
  readonly pathTemplate?: string | undefined;
  /** The method that is called; undefined for a route written by hand. */
  readonly method?: DescMethod | undefined;
  readonly requestHeader: Header;
  /** Server: what is written here is sent with the answer. Client: filled when the answer's headers arrive. */
  readonly replyHeader: Header;
  /** Server: what is written here is sent with the end of the answer; undefined where the wire has no room for it. */
  readonly replyTrailer?: Header | undefined;
}

const server: ContextKey<Transport | undefined> = /* @__PURE__ */ createSharedContextKey<
  Transport | undefined
>("transport/server", undefined);
const client: ContextKey<Transport | undefined> = /* @__PURE__ */ createSharedContextKey<
  Transport | undefined
>("transport/client", undefined);

/** The call this process is answering; undefined outside one. */
export function serverTransport(context: Context): Transport | undefined {
  return context.get(server);
}

/** The trailers of the call this process is answering; undefined outside one, and where its wire has none. */
export function replyTrailer(context: Context): Header | undefined {
  return serverTransport(context)?.replyTrailer;
}

/** The call this process is making; undefined outside one. Independent of the server's slot. */
export function clientTransport(context: Context): Transport | undefined {
  return context.get(client);
}

/** A context of a call being answered. Edges call it. */
export function withServerTransport(context: Context, transport: Transport): Context {
  return context.with(server, transport);
}

/** A context of a call being made. Clients call it. */
export function withClientTransport(context: Context, transport: Transport): Context {
  return context.with(client, transport);
}
