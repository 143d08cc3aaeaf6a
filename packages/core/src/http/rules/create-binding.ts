import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { valueTextOf } from "../../encoding/form/index.ts";
import { bindBodies, fieldOf } from "./bind-bodies.ts";
import { failBinding } from "./fail-binding.ts";
import type { BindingInit, BindingSchemas, HttpBinding } from "./http-binding.ts";
import { parseTemplate } from "./parse-template.ts";
import type { PathTemplate } from "./path-template.ts";

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
  const template = templateOf(path, place);
  const variables = template.variables.map(({ name }) =>
    variableFields(schemas.input, name, place),
  );
  checkOneofs(variables, place);
  return { ...bodies, template, variables };
}

function templateOf(path: string, place: string): PathTemplate {
  try {
    return parseTemplate(path);
  } catch (error) {
    // Of many rules, which one it is.
    const cause = error instanceof Error ? error.message : String(error);
    throw new TypeError(`Cannot bind ${place} as its path must be a template: ${cause}`, {
      cause: error,
    });
  }
}

/** All variables are set by each request, and only one member of a oneof can be. */
function checkOneofs(variables: readonly (readonly DescField[])[], place: string): void {
  const members = new Map<string, DescField>();
  for (const fields of variables) {
    for (const [at, field] of fields.entries()) {
      if (field.oneof === undefined) continue;
      const oneof = [...fields.slice(0, at), field.oneof].map(({ name }) => name).join(".");
      const other = members.get(oneof) ?? field;
      if (other !== field)
        failBinding(place, `variables must not be two members of "${oneof}"`, field.name);
      members.set(oneof, field);
    }
  }
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
