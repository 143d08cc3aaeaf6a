import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { valueTextOf } from "../../encoding/form/index.ts";
import { bindBodies, fieldOf } from "./bind-bodies.ts";
import { failBinding } from "./fail-binding.ts";
import type { BindingInit, BindingSchemas, HttpBinding } from "./http-binding.ts";
import { parseTemplate } from "./parse-template.ts";

/**
 * Binds a path to messages, and finds all their fields.
 * @throws TypeError that names the place, the rule and the field where they do not fit
 */
export function createBinding(schemas: BindingSchemas, init: BindingInit): HttpBinding {
  const { httpMethod, path } = init;
  const bodies = bindBodies(schemas, init);
  const { place } = bodies;
  if (httpMethod === "") failBinding(place, "its method must not be empty", httpMethod);
  if (path === "") failBinding(place, "its path must not be empty", path);
  const template = parseTemplate(path);
  const variables = template.variables.map(({ name }) =>
    variableFields(schemas.input, name, place),
  );
  return { ...bodies, template, variables };
}

function variableFields(schema: DescMessage, name: string, place: string): readonly DescField[] {
  const fields: DescField[] = [];
  let message: DescMessage | undefined = schema;
  for (const part of name.split(".")) {
    if (message === undefined)
      failBinding(
        place,
        `variable "${name}" must not go through "${fields.at(-1)?.name}", which is no message`,
        name,
      );
    const field: DescField | undefined = fieldOf(message, part);
    if (field === undefined)
      failBinding(place, `variable "${name}" must be a field of ${schema.typeName}`, part);
    if (field.fieldKind === "list" || field.fieldKind === "map")
      failBinding(place, `variable "${name}" must not be repeated or a map`, part);
    fields.push(field);
    message = field.message;
  }
  const last = fields.at(-1);
  if (last !== undefined && !hasPathText(last))
    failBinding(place, `variable "${name}" must not be a message`, last.message?.typeName ?? "");
  return fields;
}

// Messages that are one text, such as times and wrappers, can stand in a path.
function hasPathText(field: DescField): boolean {
  const free =
    field.message?.typeName === "google.protobuf.Struct" ||
    field.message?.typeName === "google.protobuf.ListValue";
  return !free && valueTextOf(field) !== undefined;
}
