import type { DescMethod } from "@bufbuild/protobuf";
import { getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "@kratosjs/protos/google/api/annotations_pb.js";
import { bindBodies } from "./bind-bodies.ts";
import type { RequestBinding } from "./http-binding.ts";
import { ruleInit } from "./rule-init.ts";

/**
 * Reads the binding that a client calls a method by: its first google.api.http rule, else a POST of the whole
 * message on `/<service>/<method>`. What is wrong with a template is for servers to tell: here it is only written.
 * @throws TypeError if a body is no field
 */
export function requestBindingOf(method: DescMethod): RequestBinding {
  const init = ruleInit(method, getOption(method, http));
  const bodies = bindBodies(method, hasOption(method, http) ? init : { ...init, body: "*" });
  return { ...bodies, template: { text: init.path } };
}
