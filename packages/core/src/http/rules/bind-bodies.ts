import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { failBinding } from "./fail-binding.ts";
import type { BindingInit, BindingSchemas, RequestBinding } from "./http-binding.ts";

/**
 * Finds what of the messages is in the bodies of a binding.
 * @throws TypeError that names the place, the rule and the field where there is no such field
 */
export function bindBodies(
  { input, output }: BindingSchemas,
  init: BindingInit,
): Omit<RequestBinding, "template"> {
  const { httpMethod, path, body = "", responseBody = "", place: owner } = init;
  const place = `${owner || input.typeName} ${httpMethod} ${path}`;
  const memberOf = (what: string, name: string, schema: DescMessage | undefined) => {
    if (name === "" || name === "*") return undefined;
    const type = schema?.typeName ?? "a known reply";
    return (
      (schema && fieldOf(schema, name)) ??
      failBinding(place, `its ${what} must be a field of ${type}`, name)
    );
  };
  return {
    httpMethod,
    body: body === "*" ? body : memberOf("body", body, input),
    responseBody: memberOf("response body", responseBody, output),
    place,
  };
}

/** Finds a field by the name of the proto file, else by that of JSON. */
export function fieldOf(schema: DescMessage, name: string): DescField | undefined {
  return (
    schema.fields.find((field) => field.name === name) ??
    schema.fields.find((field) => field.jsonName === name)
  );
}
