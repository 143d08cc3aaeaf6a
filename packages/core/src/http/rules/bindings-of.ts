import type { DescMethod } from "@bufbuild/protobuf";
import { getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "@kratosjs/protos/google/api/annotations_pb.js";
import type { HttpRule } from "@kratosjs/protos/google/api/http_pb.js";
import { createBinding, failBinding } from "./create-binding.ts";
import type { HttpBinding } from "./http-binding.ts";

/**
 * Reads the google.api.http rules of a method: its primary binding, then the additional ones. A method
 * without a rule has none. A rule without a path is a POST on `/<service>/<method>`, as Go generates it.
 * @throws TypeError that names service, method, rule and field where a rule is impossible
 */
export function bindingsOf(method: DescMethod): readonly HttpBinding[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [
    bindingOf(method, rule),
    ...rule.additionalBindings.map((each) => additionalBinding(method, each)),
  ];
}

function additionalBinding(method: DescMethod, rule: HttpRule): HttpBinding {
  if (rule.additionalBindings.length > 0)
    failBinding(
      placeOf(method),
      "additional bindings must not have bindings of their own",
      pathOf(method, rule),
    );
  return bindingOf(method, rule);
}

function bindingOf(method: DescMethod, rule: HttpRule): HttpBinding {
  const { body, responseBody } = rule;
  return createBinding(method, {
    httpMethod: httpMethodOf(rule),
    path: pathOf(method, rule),
    body,
    responseBody,
    place: placeOf(method),
  });
}

function httpMethodOf({ pattern }: HttpRule): string {
  if (pattern.case === "custom") return pattern.value.kind === "" ? "POST" : pattern.value.kind;
  return pattern.case === undefined ? "POST" : pattern.case.toUpperCase();
}

function pathOf(method: DescMethod, { pattern }: HttpRule): string {
  if (pattern.case === "custom") return pattern.value.path;
  return pattern.case === undefined ? `/${method.parent.typeName}/${method.name}` : pattern.value;
}

function placeOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}
