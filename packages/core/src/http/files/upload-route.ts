import type { Message } from "@bufbuild/protobuf";
import type { HttpBinding } from "../rules/index.ts";
import { bindingPlan } from "../server/binding-plan.ts";
import type { BoundOperation } from "../server/bound-operation.ts";
import type { Edge } from "../server/edge.ts";
import { createReplyWriter, type ReplyWriter } from "../server/reply-writer.ts";
import { createRequestSource } from "../server/request-source.ts";
import type { RouteParts, ServerRoute } from "../server/route.ts";
import { type CallPlan, ServerCall } from "../server/server-call.ts";
import type { Exchange } from "../wire/exchange.ts";
import { httpBodyPlace } from "./http-body-place.ts";
import { uploadStream, type UploadStreamOptions } from "./upload-stream.ts";

/**
 * A client-streaming method of google.api.HttpBody at one of its bindings: the body of a request is the
 * stream, one message a piece, and never whole in memory. It has no deadline: uploads last.
 */
export class UploadRoute implements ServerRoute {
  readonly #bound: BoundOperation;
  readonly #stream: UploadStreamOptions;
  readonly #write: ReplyWriter;
  readonly #plan: CallPlan;

  /** @throws {TypeError} If the body of the binding is no HttpBody. */
  constructor(bound: BoundOperation, binding: HttpBinding, edge: Edge) {
    const { method } = bound.operation;
    const source = createRequestSource(method.input, binding, edge);
    const place = uploadPlace(bound, binding);
    if (place === undefined) {
      throw new TypeError(
        `Cannot take uploads at ${binding.place} as its body must be a google.api.HttpBody: current value is ${method.input.typeName}`,
      );
    }
    const { uploads, maxBodyBytes } = edge;
    const complete = (parts: RouteParts, message: Message): Message => source.read(parts, message);
    this.#bound = bound;
    this.#stream = { place, limits: uploads, maxBodyBytes, complete };
    this.#write = createReplyWriter({ schema: method.output, field: binding.responseBody }, edge);
    this.#plan = bindingPlan(bound, { binding, edge });
  }

  async serve(exchange: Exchange, parts: RouteParts): Promise<void> {
    const call = new ServerCall(exchange, parts.ctx, this.#plan);
    try {
      const requests = uploadStream(exchange, parts, this.#stream);
      const reply = await this.#bound.handler(requests, call.context);
      this.#answer(call, reply as Message); // completed by the implementation's binding
    } catch (error) {
      call.fail(error);
    }
  }

  #answer(call: ServerCall, reply: Message): void {
    if (!call.settle()) return;
    try {
      this.#write(reply, call.exchange);
    } catch (error) {
      // What cannot be written has not begun to be sent.
      if (!call.exchange.answered) this.#plan.answerError(error, call.exchange, call);
      else throw error;
    }
  }
}

/** Where the pieces of an upload go; undefined for a binding whose body is an ordinary message. */
export function uploadPlace(
  { operation }: BoundOperation,
  { body }: HttpBinding,
): ReturnType<typeof httpBodyPlace> {
  if (body === undefined) return undefined;
  return httpBodyPlace({ schema: operation.method.input, field: body === "*" ? undefined : body });
}
