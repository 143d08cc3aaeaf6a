import type { NodeFilter } from "./selector.ts";

/** Keeps the nodes of exactly this version. */
export function versionFilter(version: string): NodeFilter {
  return (nodes) => nodes.filter((node) => node.version === version);
}
