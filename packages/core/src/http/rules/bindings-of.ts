import type { DescMethod } from "@bufbuild/protobuf";
import { getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "@kratosjs/protos/google/api/annotations_pb.js";
import type { HttpRule } from "@kratosjs/protos/google/api/http_pb.js";
import { createBinding } from "./create-binding.ts";
import { failBinding } from "./fail-binding.ts";
import type { HttpBinding } from "./http-binding.ts";
import { ruleInit } from "./rule-init.ts";

/**
 * Reads the google.api.http rules of a method: its primary binding, then the additional ones. A method
 * without a rule has none. A rule without a path is a POST on `/<service>/<method>`, as Go generates it.
 * @throws TypeError that names service, method, rule and field where a rule is impossible
 */
export function bindingsOf(method: DescMethod): readonly HttpBinding[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [
    createBinding(method, ruleInit(method, rule)),
    ...rule.additionalBindings.map((each) => additionalBinding(method, each)),
  ];
}

function additionalBinding(method: DescMethod, rule: HttpRule): HttpBinding {
  const init = ruleInit(method, rule);
  if (rule.additionalBindings.length > 0)
    failBinding(init.place, "additional bindings must not have bindings of their own", init.path);
  return createBinding(method, init);
}
