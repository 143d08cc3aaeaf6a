export { bindingsOf } from "./bindings-of.ts";
export { createBinding } from "./create-binding.ts";
export type { BindingInit, BindingSchemas, HttpBinding, RequestBinding } from "./http-binding.ts";
export { parseTemplate } from "./parse-template.ts";
export type {
  PathTemplate,
  PatternSegment,
  TemplateSegment,
  TemplateVariable,
} from "./path-template.ts";
export { requestBindingOf } from "./request-binding-of.ts";
export { createRequestBuilder } from "./request-builder.ts";
export type { BuiltRequest, RequestBuilder } from "./request-builder.ts";
export { createRequestReader } from "./request-reader.ts";
export type { RequestParts, RequestReader, RequestReaderOptions } from "./request-reader.ts";
export { createRouteTable } from "./route-table.ts";
export type {
  MethodMismatch,
  Route,
  RouteMatch,
  RouteTable,
  RouteTableOptions,
} from "./route-table.ts";
