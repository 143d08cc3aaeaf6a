import type { JsonValue } from "@bufbuild/protobuf";
import type { Written } from "./ask.ts";

/** A request as the documentation of an API shows it, and what is to become of it. */
export interface WrittenCase extends Written {
  /** `Service.Method`. */
  readonly reaches: string;
  /** The message of the request, as JSON of protobuf. */
  readonly request: JsonValue;
  /** What the handler answers. @default {{}} */
  readonly reply?: JsonValue;
  /** The body that comes back. @default as `reply` */
  readonly answered?: JsonValue;
}
