import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { GenService, GenServiceMethods } from "@bufbuild/protobuf/codegenv2";
import type { Context } from "../context/index.ts";

/** A generated service: what protoc-gen-es exports for `service Greeter`. */
export type AnyService = GenService<GenServiceMethods>;

/** Implements a service: one function a method, named as generated. Streams are AsyncIterables. */
export type ServiceImpl<S extends AnyService> = {
  [K in keyof S["method"]]: MethodImpl<S["method"][K]>;
};

/** Implements one method. A reply may be given as the message or as its initial fields. */
export type MethodImpl<M> = M extends {
  readonly methodKind: infer Kind;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? Kind extends "unary"
    ? (request: MessageShape<I>, ctx: Context) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : Kind extends "server_streaming"
      ? (request: MessageShape<I>, ctx: Context) => AsyncIterable<MessageInitShape<O>>
      : Kind extends "client_streaming"
        ? (requests: AsyncIterable<MessageShape<I>>, ctx: Context) => Promise<MessageInitShape<O>>
        : (
            requests: AsyncIterable<MessageShape<I>>,
            ctx: Context,
          ) => AsyncIterable<MessageInitShape<O>>
  : never;

/** The name of a method as middleware, logs and wires know it. */
export function operationName(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
