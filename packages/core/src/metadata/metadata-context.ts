import { type Context, type ContextKey, createSharedContextKey } from "../context/index.ts";
import { Metadata } from "./metadata.ts";

type Slot = ContextKey<Metadata | undefined>;
const server: Slot = /* @__PURE__ */ createSharedContextKey<Metadata | undefined>(
  "metadata/server",
  undefined,
);
const client: Slot = /* @__PURE__ */ createSharedContextKey<Metadata | undefined>(
  "metadata/client",
  undefined,
);

/** What came in with the call being answered; undefined where the metadata middleware did not run. */
export function serverMetadata(context: Context): Metadata | undefined {
  return context.get(server);
}

/** What goes out with calls made under this context. */
export function clientMetadata(context: Context): Metadata | undefined {
  return context.get(client);
}

/** A context with this incoming metadata. */
export function withServerMetadata(context: Context, metadata: Metadata): Context {
  return context.with(server, metadata);
}

/** A context with this outgoing metadata, and no other. */
export function withClientMetadata(context: Context, metadata: Metadata): Context {
  return context.with(client, metadata);
}

/**
 * A context whose outgoing metadata has these names set, by pairs: name, value, name, value.
 * @throws {TypeError} If the number of texts is odd.
 */
export function appendToClientContext(context: Context, ...pairs: readonly string[]): Context {
  if (pairs.length % 2 === 1) {
    throw new TypeError(
      `Cannot append metadata as it must come in pairs of name and value: current value is ${pairs.length} texts`,
    );
  }
  const metadata = clientMetadata(context)?.clone() ?? new Metadata();
  for (let at = 0; at < pairs.length; at += 2) metadata.set(pairs[at] ?? "", pairs[at + 1] ?? "");
  return withClientMetadata(context, metadata);
}

/** A context whose outgoing metadata has the values of `other` in place of its own of the same names. */
export function mergeToClientContext(context: Context, other: Metadata): Context {
  const metadata = clientMetadata(context)?.clone() ?? new Metadata();
  for (const [name, values] of other.entries()) metadata.replace(name, values);
  return withClientMetadata(context, metadata);
}
