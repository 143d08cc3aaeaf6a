import type { Context } from "./context.ts";
import { ContextNode } from "./context-node.ts";

/** The root of all contexts: never ends, has no deadline and no values. */
export const background: Context = /* @__PURE__ */ new ContextNode(undefined, undefined);
