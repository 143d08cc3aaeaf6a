import type { HttpBinding } from "../rules/index.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import type { CallPlan } from "./server-call.ts";

/** Makes the plan of the calls of a method at one of its bindings; streams have no deadline of the server's. */
export function bindingPlan(
  { operation }: BoundOperation,
  { binding, edge }: { readonly binding: HttpBinding; readonly edge: Edge },
): CallPlan {
  const { name, method } = operation;
  return {
    operation: name,
    method,
    pathTemplate: binding.template.text,
    timeoutMs: method.methodKind === "unary" ? edge.timeoutMs : 0,
    endpoint: edge.endpoint,
    answerError: edge.answerError,
  };
}
