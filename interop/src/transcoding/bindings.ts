import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import {
  create,
  createFileRegistry,
  fromBinary,
  getOption,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { http } from "@kratosjs/protos/google/api/annotations_pb.js";
import type { HttpRule } from "@kratosjs/protos/google/api/http_pb.js";

/** One rule of a method, and the method as a client sees it that knows no other. */
export interface OneBinding {
  /** As the server knows it, with all its rules. */
  readonly method: DescMethod;
  /** The same with this rule alone. */
  readonly alone: DescMethod;
  readonly httpMethod: string;
  readonly path: string;
  readonly body: string;
  readonly responseBody: string;
}

/** Lists all rules of a service, each with a method of its own: a client goes by the first rule it finds. */
export function bindingsOfService(service: DescService): readonly OneBinding[] {
  return service.methods.flatMap((method) => {
    const rule = getOption(method, http);
    return [rule, ...rule.additionalBindings].map((each) => oneBinding(method, each));
  });
}

function oneBinding(method: DescMethod, rule: HttpRule): OneBinding {
  const { pattern, body, responseBody } = rule;
  if (pattern.case === undefined) throw new Error(`${method.name} has a rule without a path`);
  const custom = pattern.case === "custom" ? pattern.value : undefined;
  return {
    method,
    alone: methodWith(method, { ...rule, additionalBindings: [] }),
    httpMethod: custom?.kind ?? pattern.case.toUpperCase(),
    path: typeof pattern.value === "string" ? pattern.value : pattern.value.path,
    body,
    responseBody,
  };
}

/** Describes the file of the method again, with another rule in it. */
function methodWith(method: DescMethod, rule: HttpRule): DescMethod {
  const { file } = method.parent;
  const bytes = toBinary(FileDescriptorProtoSchema, file.proto);
  const proto = fromBinary(FileDescriptorProtoSchema, bytes);
  const written = proto.service
    .find(({ name }) => name === method.parent.name)
    ?.method.find(({ name }) => name === method.name);
  if (written?.options === undefined) throw new Error(`${method.name} has no options`);
  setExtension(written.options, http, rule);
  const set = create(FileDescriptorSetSchema, { file: [...protosBelow(file), proto] });
  const found = createFileRegistry(set)
    .getService(method.parent.typeName)
    ?.methods.find(({ name }) => name === method.name);
  if (found === undefined) throw new Error(`${method.name} is lost`);
  return found;
}

function protosBelow(file: DescFile): DescFile["proto"][] {
  const found = new Set<DescFile>();
  const visit = (each: DescFile): void => {
    if (found.has(each)) return;
    for (const below of each.dependencies) visit(below);
    found.add(each);
  };
  for (const below of file.dependencies) visit(below);
  return [...found].map(({ proto }) => proto);
}
