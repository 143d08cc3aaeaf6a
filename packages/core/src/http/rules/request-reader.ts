import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { FormPath } from "../../encoding/form/index.ts";
import {
  createFormReader,
  parseQuery,
  resolveFormKey,
  setFormPath,
} from "../../encoding/form/index.ts";
import type { HttpBinding } from "./http-binding.ts";

/** What of a request carries the message. */
export interface RequestParts {
  /** The message with what the body held; the reader fills it further. */
  readonly body?: Message | undefined;
  /** The text after the `?`, as it came. */
  readonly query: string;
  /** The values of the template's variables, in its order. */
  readonly variables: readonly string[];
}

/**
 * Makes the message of a request.
 * @throws DecodeError that names the field
 */
export type RequestReader = (parts: RequestParts) => Message;

/** Settings of a request reader. */
export interface RequestReaderOptions {
  /** How many pairs a query may hold. @default {1000} */
  readonly maxPairs?: number;
}

const defaults = { maxPairs: 1000 } satisfies Required<RequestReaderOptions>;

/**
 * Composes the reader of a binding: the query gives what path and body leave over, none of it where the
 * body is the whole message, and keys no field has are ignored. Path variables win over all else.
 */
export function createRequestReader(
  schema: DescMessage,
  binding: HttpBinding,
  options: RequestReaderOptions = {},
): RequestReader {
  const limits = { ...defaults, ...options };
  const paths = binding.variables.map((fields) => variablePath(schema, fields));
  const readQuery =
    binding.body === "*" ? undefined : createFormReader(schema, { accepts: leftOver(binding) });
  return ({ body, query, variables }) => {
    const message = body ?? create(schema);
    if (query !== "" && readQuery !== undefined) readQuery(message, parseQuery(query, limits));
    for (let index = 0; index < paths.length; index++) {
      const path = paths[index];
      const value = variables[index];
      if (path !== undefined && value !== undefined)
        setFormPath(message, path, { values: [value], replace: true });
    }
    return message;
  };
}

function variablePath(schema: DescMessage, fields: readonly DescField[]): FormPath {
  const path = resolveFormKey(schema, fields.map(({ name }) => name).join("."));
  if (path === undefined)
    throw new TypeError(
      `Cannot read a path variable as its field must be one of ${schema.typeName}: current value is ${fields.map(({ name }) => name).join(".")}`,
    );
  return path;
}

function leftOver(binding: HttpBinding): (path: FormPath) => boolean {
  const { body, variables } = binding;
  if (variables.length === 0 && body === undefined) return () => true;
  const taken = new Set(variables.map((fields) => fields.map(({ name }) => name).join(".")));
  return ({ parents, target }) => {
    const [first = target] = parents;
    if (first.field === body) return false;
    const name =
      parents.length === 0
        ? target.field.name
        : [...parents, target].map(({ field }) => field.name).join(".");
    return !taken.has(name);
  };
}
