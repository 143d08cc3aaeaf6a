import type { DescMessage, DescMethod, Message, Registry } from "@bufbuild/protobuf";
import { isMessage } from "@bufbuild/protobuf";
import type { Transport } from "../../transport/index.ts";
import { isAsyncIterable } from "../index.ts";
import { redactMessage } from "./redact-message.ts";

/** Where the descriptor of a request can be found. */
export interface ArgsSource {
  readonly transport: Transport | undefined;
  readonly registry: Registry | undefined;
}

/**
 * Answers what a record shows of a request: the result of its `redact()` if it has one, "stream" for a stream,
 * its own string form if it has one, a message without its `debug_redact` fields, or else the request itself.
 */
export function argsOf(request: unknown, source: ArgsSource): unknown {
  if (typeof request !== "object" || request === null) return request;
  try {
    if (isAsyncIterable(request)) return "stream";
    if ("redact" in request && typeof request.redact === "function") return request.redact();
    if (isMessage(request)) return redacted(request, source);
    return stringForm(request) ?? request;
  } catch {
    return "[unreadable]";
  }
}

function redacted(message: Message, source: ArgsSource): unknown {
  const schema = schemaOf(message, source);
  return schema === undefined ? message : redactMessage(schema, message);
}

function schemaOf(message: Message, { transport, registry }: ArgsSource): DescMessage | undefined {
  const input = methodOf(transport)?.input;
  if (input?.typeName === message.$typeName) return input;
  return registry?.getMessage(message.$typeName);
}

/** The method that an edge says is called; a route written by hand has none. */
function methodOf(transport: Transport | undefined): DescMethod | undefined {
  if (transport === undefined || !("method" in transport)) return undefined;
  return isMethod(transport.method) ? transport.method : undefined;
}

function isMethod(value: unknown): value is DescMethod {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "rpc";
}

/** What an object's own toString answers; the one that all objects have says nothing. */
function stringForm(value: object): string | undefined {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return undefined;
  const toString: unknown = Reflect.get(value, "toString");
  if (typeof toString !== "function" || toString === Reflect.get(Object.prototype, "toString"))
    return undefined;
  return String(toString.call(value));
}
