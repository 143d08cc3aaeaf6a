import { type Context, type ContextKey, createSharedContextKey } from "../context/index.ts";
import type { Node } from "./node.ts";

interface Peer {
  node: Node | undefined;
}

const key: ContextKey<Peer | undefined> = /* @__PURE__ */ createSharedContextKey<Peer | undefined>(
  "selector/peer",
  undefined,
);

/** Makes the context of one call: the node chosen for it can be read there, by whoever made or wrapped the call. */
export function withPeer(ctx: Context): Context {
  return ctx.with(key, { node: undefined });
}

/** The node chosen last for this call; undefined before one is. */
export function peer(ctx: Context): Node | undefined {
  return ctx.get(key)?.node;
}

/** Notes the node chosen for the call; where the context has no peer it does nothing. */
export function setPeer(ctx: Context, node: Node): void {
  const holder = ctx.get(key);
  if (holder !== undefined) holder.node = node;
}
