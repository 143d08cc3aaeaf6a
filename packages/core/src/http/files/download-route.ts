import type { Message } from "@bufbuild/protobuf";
import type { HttpBinding } from "../rules/index.ts";
import { bindingPlan } from "../server/binding-plan.ts";
import type { BoundOperation } from "../server/bound-operation.ts";
import type { Edge } from "../server/edge.ts";
import { replyStream } from "../server/reply-stream.ts";
import { createRequestSource, type RequestSource } from "../server/request-source.ts";
import type { RouteParts, ServerRoute } from "../server/route.ts";
import { type CallPlan, ServerCall } from "../server/server-call.ts";
import type { Exchange } from "../wire/exchange.ts";
import { type HttpBodyPlace, httpBodyPlace } from "./http-body-place.ts";
import { rawContentType } from "./raw-content-type.ts";

/**
 * A server-streaming method of google.api.HttpBody at one of its bindings: its messages are the body, one
 * after the other, of the type the first one names. It has no deadline: downloads last.
 */
export class DownloadRoute implements ServerRoute {
  readonly #bound: BoundOperation;
  readonly #source: RequestSource;
  readonly #place: HttpBodyPlace;
  readonly #plan: CallPlan;

  /** @throws {TypeError} If the body of the replies is no HttpBody. */
  constructor(bound: BoundOperation, binding: HttpBinding, edge: Edge) {
    const { method } = bound.operation;
    const place = downloadPlace(bound, binding);
    if (place === undefined) {
      throw new TypeError(
        `Cannot answer with downloads at ${binding.place} as its reply must be a google.api.HttpBody: current value is ${method.output.typeName}`,
      );
    }
    this.#bound = bound;
    this.#source = createRequestSource(method.input, binding, edge);
    this.#place = place;
    this.#plan = bindingPlan(bound, { binding, edge });
  }

  async serve(exchange: Exchange, parts: RouteParts): Promise<void> {
    const call = new ServerCall(exchange, parts.ctx, this.#plan);
    const source = this.#source;
    try {
      const body = source.needsBody(exchange) ? await source.readBody(exchange) : undefined;
      const answer = await this.#bound.handler(source.read(parts, body), call.context);
      await this.#send(call, replyStream(answer));
    } catch (error) {
      // Half a download must not look like a whole one: the server cuts it.
      if (exchange.answered && !exchange.closed) throw error;
      call.fail(error);
    }
  }

  async #send(call: ServerCall, replies: AsyncIterable<unknown>): Promise<void> {
    const { exchange } = call;
    const iterator = replies[Symbol.asyncIterator]();
    const leave = (): void => void iterator.return?.().then(ignore, ignore);
    // A peer that leaves ends the source even while it waits for its next item.
    exchange.onClose(leave);
    for (let item = await iterator.next(); item.done !== true; item = await iterator.next()) {
      if (exchange.closed) return;
      const held = this.#place.unwrap(item.value as Message); // completed by the implementation's binding
      begin(exchange, held?.contentType);
      // The first message says all that a HEAD asks for.
      if (exchange.method === "HEAD") {
        leave();
        break;
      }
      const data = held?.data;
      if (data !== undefined && data.length > 0 && !exchange.write(data)) await exchange.drained();
    }
    if (exchange.closed) return;
    begin(exchange, undefined);
    if (call.settle()) exchange.end();
  }
}

/** Where the bytes of a download come from; undefined for a binding whose reply is an ordinary message. */
export function downloadPlace(
  { operation }: BoundOperation,
  { responseBody }: HttpBinding,
): HttpBodyPlace | undefined {
  return httpBodyPlace({ schema: operation.method.output, field: responseBody });
}

function begin(exchange: Exchange, contentType: string | undefined): void {
  if (exchange.answered) return;
  exchange.begin({ status: 200, headers: ["Content-Type", rawContentType(contentType)] });
}

function ignore(): void {
  // the end of the source is nobody's news: its reader has left
}
