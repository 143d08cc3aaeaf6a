import type { Codec } from "@kratosjs/core/encoding";
import type { RestStreamForm, StreamOpener } from "@kratosjs/core/http/protocols";
import type { Middleware } from "@kratosjs/core/middleware";

/** When cookies go along, as fetch has it. */
export type FetchCredentials = "include" | "omit" | "same-origin";

/** Settings of a connection over fetch, by any protocol. */
export interface BaseConnectionOptions {
  /** What stands before the path of each call: "https://api.example.com", "/api"; "" is the page's own origin. */
  readonly baseUrl: string;
  /** What messages are written in and asked for. @default {"json"} */
  readonly codec?: "json" | "proto" | Codec;
  /** Around every call, outermost first. @default {[]} */
  readonly middleware?: readonly Middleware[];
  /** Milliseconds for unary calls that say nothing themselves; 0 is none. Streams have none. @default {15000} */
  readonly timeoutMs?: number;
  /** When cookies go along. @default {"same-origin"} */
  readonly credentials?: FetchCredentials;
  /** Makes the requests. @default {globalThis.fetch} */
  readonly fetch?: typeof globalThis.fetch;
  /** The largest message of an answer. @default {16777216} */
  readonly maxResponseBytes?: number;
}

/** Settings of a connection over fetch that speaks REST. */
export interface RestConnectionOptions extends BaseConnectionOptions {
  /** What REST asks for where replies are a stream. @default {"sse"} */
  readonly streams?: RestStreamForm;
  /** Makes the REST calls of methods that stream requests. @default none: they fail with 501 */
  readonly openStream?: StreamOpener;
}

/** Settings of a connection over fetch. */
export interface WebConnectionOptions extends RestConnectionOptions {
  /** How calls look: by their google.api.http rules, or by one of the protocols of gRPC's family. @default {"rest"} */
  readonly protocol?: "rest" | "connect" | "grpc-web" | "grpc-web-text";
  /** Whether the Connect protocol uses GET for methods that declare NO_SIDE_EFFECTS. @default {false} */
  readonly connectGet?: boolean;
}
