import { type ConfigNode, type ConfigTree, isTree, treeOf } from "./tree.ts";

/** How a later tree is laid over an earlier one. Both are frozen. */
export type Merge = (base: ConfigTree, next: ConfigTree) => ConfigTree;

/** Lays `next` over `base`: maps are merged key by key, everything else (lists and null too) replaces. */
export function mergeTrees(base: ConfigTree, next: ConfigTree): ConfigTree {
  const merged = new Map<string, ConfigNode>(Object.entries(base));
  for (const [key, node] of Object.entries(next)) {
    const old = merged.get(key);
    merged.set(key, isTree(old) && isTree(node) ? mergeTrees(old, node) : node);
  }
  return treeOf(merged);
}
