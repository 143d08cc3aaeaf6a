import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { isAsyncIterable } from "../middleware/index.ts";
import type { CallOptions } from "./call-options.ts";
import type { Connection } from "./connection.ts";
import { deferStream, mapStream } from "./map-stream.ts";
import { completer } from "./operation.ts";
import type { AnyService } from "./service-impl.ts";

/** The client of a service: one function a method, named as generated. */
export type Client<S extends AnyService> = {
  readonly [K in keyof S["method"]]: ClientMethod<S["method"][K]>;
};

/** Calls one method. A request may be given as the message or as its initial fields. */
export type ClientMethod<M> = M extends {
  readonly methodKind: infer Kind;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? Kind extends "unary"
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : Kind extends "server_streaming"
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
      : Kind extends "client_streaming"
        ? (
            requests: AsyncIterable<MessageInitShape<I>>,
            options?: CallOptions,
          ) => Promise<MessageShape<O>>
        : (
            requests: AsyncIterable<MessageInitShape<I>>,
            options?: CallOptions,
          ) => AsyncIterable<MessageShape<O>>
  : never;

/**
 * Makes a client of a service over a connection.
 *
 * Unary calls answer a promise; streams are AsyncIterables that begin the call when they are first
 * read and end it when they are left. Failures are KratosErrors.
 */
export function createClient<S extends AnyService>(service: S, connection: Connection): Client<S> {
  const methods = service.methods.map(
    (method) => [method.localName, clientMethod(method, connection)] as const,
  );
  return Object.fromEntries(methods) as Client<S>; // keys and kinds come from the service the type is read from
}

function clientMethod(method: DescMethod, connection: Connection): unknown {
  const call = connection.prepare(method);
  const complete = completer(method.input);
  const { methodKind } = method;
  const input =
    methodKind === "unary" || methodKind === "server_streaming"
      ? complete
      : (requests: unknown) => mapStream(streamOf(requests), complete);
  if (methodKind === "unary" || methodKind === "client_streaming") {
    return async (request: unknown, options: CallOptions = {}) => call(input(request), options);
  }
  return (request: unknown, options: CallOptions = {}) =>
    deferStream(async () => streamOf(await call(input(request), options)));
}

function streamOf(value: unknown): AsyncIterable<unknown> {
  if (isAsyncIterable(value)) return value;
  throw new TypeError(
    `Cannot stream as it must be an AsyncIterable: current value is ${typeof value}`,
  );
}
