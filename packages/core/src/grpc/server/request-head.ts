import {
  acceptedEncodings,
  findCompression,
  type Compression,
} from "../../encoding/compression/index.ts";
import { type HeaderMap, parseGrpcTimeout, readMetadata } from "../../transport/index.ts";
import { grpcSubtype } from "../wire/message-format.ts";
import { fieldValue, GrpcCode, statusFields } from "../../errors/index.ts";
import type { Route, RouteFormat } from "./route.ts";
import type { RouteTable } from "./route-table.ts";

/**
 * What the header block of a call says. Parsed once for a block, which a peer repeats call after call,
 * and shared by all of them: immutable.
 */
export class RequestHead {
  readonly route: Route;
  readonly format: RouteFormat;
  /** Milliseconds the caller waits; undefined when it did not say. */
  readonly timeoutMs: number | undefined;
  /** How its messages are packed. */
  readonly compression: Compression | undefined;
  readonly #fields: readonly string[];
  #metadata: HeaderMap | undefined;
  #accepted: readonly string[] | undefined;

  constructor(fields: readonly string[], parts: RequestParts) {
    this.#fields = fields;
    this.route = parts.route;
    this.format = parts.format;
    this.timeoutMs = parts.timeoutMs;
    this.compression = parts.compression;
  }

  /** Its metadata; not to be written to. */
  get metadata(): HeaderMap {
    this.#metadata ??= readMetadata(this.#fields);
    return this.#metadata;
  }

  /** Whether the caller reads answers packed in this way. */
  accepts(encoding: string): boolean {
    this.#accepted ??= (fieldValue(this.#fields, "grpc-accept-encoding") ?? "")
      .split(",")
      .map((name) => name.trim());
    return this.#accepted.includes(encoding);
  }
}

export interface RequestParts {
  readonly route: Route;
  readonly format: RouteFormat;
  readonly timeoutMs: number | undefined;
  readonly compression: Compression | undefined;
}

/** A call that is answered from its headers alone. */
export class Rejection {
  /** The whole answer. */
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    this.fields = fields;
  }
}

/** Reads the header block of a call. */
export function parseRequest(
  fields: readonly string[],
  routes: RouteTable,
): RequestHead | Rejection {
  const method = fieldValue(fields, ":method");
  if (method !== "POST") return new Rejection([":status", "405", "allow", "POST"]);
  const contentType = fieldValue(fields, "content-type") ?? "";
  const subtype = grpcSubtype(contentType);
  if (subtype === undefined) return unsupportedType();
  const path = fieldValue(fields, ":path") ?? "";
  const route = routes.find(path);
  if (route === undefined) return refuse("UNIMPLEMENTED", routes.whyNone(path));
  const format = route.formatOf(subtype);
  if (format === undefined) return unsupportedType();
  const timeout = fieldValue(fields, "grpc-timeout");
  const timeoutMs = timeout === undefined ? undefined : parseGrpcTimeout(timeout);
  if (timeout !== undefined && timeoutMs === undefined) {
    return refuse("INTERNAL", `malformed grpc-timeout "${timeout.slice(0, 32)}"`);
  }
  const encoding = fieldValue(fields, "grpc-encoding") ?? "identity";
  const compression = findCompression(encoding);
  if (compression === undefined && encoding !== "identity") {
    return refuse("UNIMPLEMENTED", `unknown grpc-encoding "${encoding.slice(0, 32)}"`, [
      "grpc-accept-encoding",
      acceptedEncodings,
    ]);
  }
  return new RequestHead(fields, { route, format, timeoutMs, compression });
}

function unsupportedType(): Rejection {
  return new Rejection([
    ":status",
    "415",
    "accept-post",
    "application/grpc, application/grpc+proto, application/grpc+json",
  ]);
}

function refuse(
  code: keyof typeof GrpcCode,
  message: string,
  further: readonly string[] = [],
): Rejection {
  const status = statusFields({ code: GrpcCode[code], message, details: [] });
  return new Rejection([
    ":status",
    "200",
    "content-type",
    "application/grpc",
    ...status,
    ...further,
  ]);
}
