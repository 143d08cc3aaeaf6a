import { type Codec, createBodyEncoder, type MessageEncoder } from "../../encoding/index.ts";
import { isAsyncIterable } from "../../middleware/index.ts";
import type { HttpBinding } from "../rules/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import { createRequestSource, type RequestSource } from "./request-source.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import { type CallPlan, ServerCall } from "./server-call.ts";
import { framingFor, StreamReply } from "./stream-reply.ts";

/** A server-streaming method at one of its bindings. It has no deadline: streams last. */
export class StreamRoute implements ServerRoute {
  readonly #bound: BoundOperation;
  readonly #source: RequestSource;
  readonly #encode: MessageEncoder;
  readonly #heartbeatMs: number;
  readonly #plan: CallPlan;

  constructor(bound: BoundOperation, binding: HttpBinding, edge: Edge) {
    const { name, method } = bound.operation;
    this.#bound = bound;
    this.#source = createRequestSource(method.input, binding, edge);
    const shape = { schema: method.output, field: binding.responseBody };
    this.#encode = createBodyEncoder(textCodec(edge), shape);
    this.#heartbeatMs = edge.heartbeatMs;
    this.#plan = {
      operation: name,
      method,
      pathTemplate: binding.template.text,
      timeoutMs: 0,
      endpoint: edge.endpoint,
      answerError: edge.answerError,
    };
  }

  async serve(exchange: Exchange, parts: RouteParts): Promise<void> {
    // There is no length to tell, and nobody to read the messages.
    if (exchange.method === "HEAD") {
      return exchange.reply({ status: 200, headers: framingFor(exchange).headers });
    }
    const call = new ServerCall(exchange, parts.ctx, this.#plan);
    const source = this.#source;
    try {
      const body = source.needsBody(exchange) ? await source.readBody(exchange) : undefined;
      const replies = await this.#bound.handler(source.read(parts, body), call.context);
      if (!isAsyncIterable(replies)) throw new TypeError(notAStream(replies));
      const options = { encode: this.#encode, heartbeatMs: this.#heartbeatMs };
      await new StreamReply(exchange, options).send(replies);
      call.settle();
    } catch (error) {
      call.fail(error);
    }
  }
}

/** Events and lines are text: of the codecs, JSON. */
function textCodec({ codecs }: Edge): Codec {
  return codecs.get("protojson") ?? codecs.get("json") ?? codecs.fallback;
}

function notAStream(value: unknown): string {
  return `Cannot answer with a stream as the middlewares must pass an AsyncIterable on: current value is ${typeof value}`;
}
