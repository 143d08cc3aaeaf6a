import {
  type BodyShape,
  type Codec,
  type CodecRegistry,
  createBodyEncoder,
  type MessageEncoder,
} from "../../encoding/index.ts";
import type { HttpBinding } from "../rules/index.ts";
import { streamCodecs, textCodec } from "../websocket/stream-codec.ts";
import type { Exchange } from "../wire/exchange.ts";
import { bindingPlan } from "./binding-plan.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import { replyStream } from "./reply-stream.ts";
import { createRequestSource, type RequestSource } from "./request-source.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import { type CallPlan, ServerCall } from "./server-call.ts";
import { framingFor, isLines, type StreamFraming } from "./stream-framing.ts";
import { StreamReply } from "./stream-reply.ts";

/** A server-streaming method at one of its bindings. It has no deadline: streams last. */
export class StreamRoute implements ServerRoute {
  readonly #bound: BoundOperation;
  readonly #source: RequestSource;
  readonly #shape: BodyShape;
  readonly #encoders: Map<Codec, MessageEncoder> = new Map();
  readonly #codecs: CodecRegistry;
  readonly #heartbeatMs: number;
  readonly #plan: CallPlan;

  constructor(bound: BoundOperation, binding: HttpBinding, edge: Edge) {
    const { method } = bound.operation;
    this.#bound = bound;
    this.#source = createRequestSource(method.input, binding, edge);
    this.#shape = { schema: method.output, field: binding.responseBody };
    this.#codecs = edge.codecs;
    this.#encoder(textCodec(edge.codecs));
    this.#heartbeatMs = edge.heartbeatMs;
    this.#plan = bindingPlan(bound, { binding, edge });
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
      const answer = await this.#bound.handler(source.read(parts, body), call.context);
      const replies = replyStream(answer);
      const framing = framingFor(exchange);
      const encode = this.#encoder(this.#codecFor(exchange, framing));
      const options = { framing, encode, heartbeatMs: this.#heartbeatMs };
      const reply = new StreamReply(exchange, options);
      endWithServer(call, reply);
      await reply.send(replies);
      call.settle();
    } catch (error) {
      call.fail(error);
    }
  }

  /** Events are text, and lines are JSON: a codec that is not is passed over. */
  #codecFor({ rawHeaders }: Exchange, framing: StreamFraming): Codec {
    const { encoder } = streamCodecs(rawHeaders, this.#codecs);
    const { name } = encoder;
    const isJson = name === "json" || name === "protojson";
    return isJson || (name === "yaml" && !isLines(framing)) ? encoder : textCodec(this.#codecs);
  }

  #encoder(codec: Codec): MessageEncoder {
    let encode = this.#encoders.get(codec);
    if (encode === undefined) {
      encode = createBodyEncoder(codec, this.#shape);
      this.#encoders.set(codec, encode);
    }
    return encode;
  }
}

/** The source may take its time to end when the server does, or never do. */
function endWithServer(call: ServerCall, reply: StreamReply): void {
  const { signal } = call.context;
  const end = (): void => {
    // A peer that has left hears nothing of it.
    if (!call.exchange.closed && !reply.cut(signal.reason)) call.fail(signal.reason);
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
}
