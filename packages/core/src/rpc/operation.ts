import {
  create,
  type DescMessage,
  type DescMethod,
  isMessage,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import type { Context } from "../context/index.ts";
import { chain, type Handler, isAsyncIterable, type MiddlewareTable } from "../middleware/index.ts";
import { mapStream } from "./map-stream.ts";
import { type AnyService, operationName, type ServiceImpl } from "./service-impl.ts";

/** One method of a registered service, ready for an edge to serve. */
export interface Operation {
  /** "/package.Service/Method" */
  readonly name: string;
  readonly method: DescMethod;
  /** The implementation alone: takes a message or a stream of them, answers complete messages. */
  readonly handler: Handler;
}

type Implementation = (request: unknown, ctx: Context) => unknown;

/**
 * Ties an implementation to its service.
 * @throws {TypeError} If a method of the service is not implemented.
 */
export function bindService<S extends AnyService>(
  service: S,
  implementation: ServiceImpl<S>,
): readonly Operation[] {
  return service.methods.map((method) => {
    const own: unknown = Reflect.get(implementation, method.localName);
    if (typeof own !== "function") {
      throw new TypeError(
        `Cannot register ${service.typeName} as "${method.localName}" must be a function: current value is ${String(own)}`,
      );
    }
    // ServiceImpl has checked the signature; the chain knows requests and replies as unknown.
    const call = own.bind(implementation) as Implementation;
    return { name: operationName(method), method, handler: handlerOf(method, call) };
  });
}

/** The operation inside the middlewares that the table has for it. */
export function composeOperation(operation: Operation, table: MiddlewareTable): Handler {
  return chain(...table.match(operation.name))(operation.handler);
}

function handlerOf(method: DescMethod, call: Implementation): Handler {
  const complete = completer(method.output);
  if (method.methodKind === "unary" || method.methodKind === "client_streaming") {
    return async (request, ctx) => complete(await call(request, ctx));
  }
  return async (request, ctx) => {
    const replies = call(request, ctx);
    if (isAsyncIterable(replies)) return mapStream(replies, complete);
    throw new TypeError(
      `Cannot answer ${operationName(method)} as a streaming method must return an AsyncIterable: current value is ${typeof replies}`,
    );
  };
}

/** Makes messages of what implementations and callers may give as initial fields. */
export function completer(schema: DescMessage): (value: unknown) => Message {
  return (value) =>
    isMessage(value, schema) ? value : create(schema, value as MessageInitShape<DescMessage>); // typed by ServiceImpl and Client
}
