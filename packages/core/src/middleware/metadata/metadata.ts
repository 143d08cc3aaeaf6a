import type { Context } from "../../context/index.ts";
import {
  clientMetadata,
  Metadata,
  type MetadataInit,
  serverMetadata,
  withServerMetadata,
} from "../../metadata/index.ts";
import { clientTransport, serverTransport } from "../../transport/index.ts";
import type { Middleware } from "../index.ts";

export interface MetadataOptions {
  /** Names that begin with one of these are taken; lower case. Server @default ["x-md-"], client @default ["x-md-global-"] */
  readonly prefixes?: readonly string[];
  /** Entries that every call carries. @default {{}} */
  readonly constants?: MetadataInit;
}

/**
 * Server: takes the request's headers that begin with a prefix into `serverMetadata(ctx)`, after the
 * constants. Does nothing outside a server's call.
 */
export function metadata(options: MetadataOptions = {}): Middleware {
  const prefixes = lowered(options.prefixes ?? ["x-md-"]);
  const constants = new Metadata(options.constants ?? {});
  return (next) => (request, ctx) => next(request, received(ctx, prefixes, constants));
}

function received(context: Context, prefixes: readonly string[], constants: Metadata): Context {
  const transport = serverTransport(context);
  if (transport === undefined) return context;
  const header = transport.requestHeader;
  const incoming = constants.clone();
  for (const name of header.keys()) {
    if (!hasPrefix(name, prefixes)) continue;
    for (const value of header.values(name)) incoming.add(name, value);
  }
  return withServerMetadata(context, incoming);
}

/**
 * Client: sends the constants, all of `clientMetadata(ctx)`, and what `serverMetadata(ctx)` has under
 * a prefix, appended in this order. Does nothing outside a client's call.
 */
export function forwardMetadata(options: MetadataOptions = {}): Middleware {
  const prefixes = lowered(options.prefixes ?? ["x-md-global-"]);
  const constants = new Metadata(options.constants ?? {});
  return (next) => (request, ctx) => {
    const header = clientTransport(ctx)?.requestHeader;
    if (header === undefined) return next(request, ctx);
    const add = (name: string, values: readonly string[]): void => {
      for (const value of values) header.add(name, value);
    };
    for (const [name, values] of constants.entries()) add(name, values);
    for (const [name, values] of clientMetadata(ctx)?.entries() ?? []) add(name, values);
    for (const [name, values] of serverMetadata(ctx)?.entries() ?? []) {
      if (hasPrefix(name, prefixes)) add(name, values);
    }
    return next(request, ctx);
  };
}

function lowered(prefixes: readonly string[]): readonly string[] {
  return prefixes.map((prefix) => prefix.toLowerCase());
}

function hasPrefix(name: string, prefixes: readonly string[]): boolean {
  const lower = name.toLowerCase();
  for (const prefix of prefixes) if (lower.startsWith(prefix)) return true;
  return false;
}
