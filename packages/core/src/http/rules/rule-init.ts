import type { DescMethod } from "@bufbuild/protobuf";
import type { HttpRule } from "@kratosjs/protos/google/api/http_pb.js";
import { operationName } from "../../rpc/index.ts";
import type { BindingInit } from "./http-binding.ts";

/** Reads what a google.api.http rule says. A rule without a path is a POST on `/<service>/<method>`, as Go generates it. */
export function ruleInit(
  method: DescMethod,
  rule: HttpRule,
): BindingInit & { readonly place: string } {
  const { pattern, body, responseBody } = rule;
  const operation = operationName(method);
  const rest = { body, responseBody, place: operation.slice(1) };
  if (pattern.case === "custom")
    return { httpMethod: pattern.value.kind || "POST", path: pattern.value.path, ...rest };
  if (pattern.case === undefined) return { httpMethod: "POST", path: operation, ...rest };
  return { httpMethod: pattern.case.toUpperCase(), path: pattern.value, ...rest };
}
