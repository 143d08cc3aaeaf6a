import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { PathTemplate } from "./path-template.ts";

/** One way a method is called over HTTP: a method and a path, and what of the messages is in the bodies. */
export interface RequestBinding {
  /** The HTTP method; `*` is any. */
  readonly httpMethod: string;
  readonly template: Pick<PathTemplate, "text">;
  /** What of the request is the body: all of it, one field, or nothing. */
  readonly body: "*" | DescField | undefined;
  /** The field of the reply that is the body; undefined is the whole reply. */
  readonly responseBody: DescField | undefined;
  /** Service, method and rule, for error texts. */
  readonly place: string;
}

/** One way a method is reached over HTTP: its template is read, and fits the messages. */
export interface HttpBinding extends RequestBinding {
  readonly template: PathTemplate;
  /** For each variable of the template the way from the request to its field. */
  readonly variables: readonly (readonly DescField[])[];
}

/** A binding as it is written. */
export interface BindingInit {
  readonly httpMethod: string;
  readonly path: string;
  /** `*`, a field of the request, or nothing. @default {""} */
  readonly body?: string;
  /** A field of the reply, or `*` and nothing for all of it. @default {""} */
  readonly responseBody?: string;
  /** Who binds, for error texts. @default {""} */
  readonly place?: string;
}

/** The messages a binding is for. */
export interface BindingSchemas {
  readonly input: DescMessage;
  /** Needed for a `responseBody`. */
  readonly output?: DescMessage;
}
