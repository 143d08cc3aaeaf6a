import type { DescField, Message } from "@bufbuild/protobuf";
import { type Deadline, onDeadline, withCancel } from "../../context/index.ts";
import {
  type Codec,
  createBodyDecoder,
  createBodyEncoder,
  type MessageDecoder,
  type MessageEncoder,
} from "../../encoding/index.ts";
import { badRequest, gatewayTimeout, isKratosError, messageOf } from "../../errors/index.ts";
import { createRequestReader, type HttpBinding, type RequestReader } from "../rules/index.ts";
import { streamCodecs } from "../websocket/stream-codec.ts";
import type { WebSocketAcceptor } from "../websocket/web-socket-acceptor.ts";
import { WebSocketSession } from "../websocket/web-socket-session.ts";
import type { Exchange } from "../wire/exchange.ts";
import { bindingPlan } from "./binding-plan.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import { replyStream } from "./reply-stream.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import { type CallPlan, ServerCall } from "./server-call.ts";

/**
 * A method that streams requests at one of its bindings: a WebSocket. It has no deadline, but its
 * context ends when the peer leaves. Every message is given the query and the path's variables.
 */
export class WebSocketRoute implements ServerRoute {
  readonly #bound: BoundOperation;
  readonly #acceptor: WebSocketAcceptor;
  readonly #edge: Edge;
  readonly #read: RequestReader;
  readonly #bodyField: DescField | undefined;
  readonly #responseField: DescField | undefined;
  readonly #plan: CallPlan;
  readonly #decoders: Map<Codec, MessageDecoder> = new Map();
  readonly #encoders: Map<Codec, MessageEncoder> = new Map();

  /** @throws {TypeError} If the body is a field that is no message. */
  constructor(bound: BoundOperation, binding: HttpBinding, edge: Edge) {
    const { method } = bound.operation;
    this.#bound = bound;
    this.#edge = edge;
    this.#acceptor = edge.webSockets;
    this.#bodyField = streamedField(binding);
    this.#responseField = binding.responseBody;
    // The query is read for whole messages too: a frame is no body that would take its place.
    this.#read = createRequestReader(method.input, { ...binding, body: this.#bodyField });
    this.#plan = bindingPlan(bound, { binding, edge });
  }

  async serve(exchange: Exchange, parts: RouteParts): Promise<void> {
    const cancel = withCancel(parts.ctx);
    const call = new ServerCall(exchange, cancel.context, this.#plan);
    const session = new WebSocketSession({
      exchange,
      acceptor: this.#acceptor,
      cancel,
      ...this.#codecs(exchange, parts),
    });
    const limit = this.#limitHandshake(session, (error) => {
      call.fail(error);
      cancel.cancel(error);
    });
    try {
      this.#acceptor.check(exchange);
      const answer = await this.#bound.handler(session.requests(), call.context);
      await (this.#streams ? session.sendAll(replyStream(answer)) : session.sendOne(answer));
      call.settle();
    } catch (error) {
      if (session.isOpen) session.fail(error);
      else call.fail(error);
      // Whoever else works on the call learns that it is over.
      cancel.cancel();
    } finally {
      limit?.cancel();
    }
  }

  get #streams(): boolean {
    return this.#bound.operation.method.methodKind === "bidi_streaming";
  }

  #limitHandshake(session: WebSocketSession, fail: (error: unknown) => void): Deadline | undefined {
    const { handshakeTimeoutMs } = this.#acceptor.options;
    if (handshakeTimeoutMs <= 0) return undefined;
    return onDeadline(Date.now() + handshakeTimeoutMs, () => {
      if (!session.isOpen) fail(gatewayTimeout("", `no WebSocket within ${handshakeTimeoutMs} ms`));
    });
  }

  #codecs(
    exchange: Exchange,
    { query, variables }: RouteParts,
  ): { decode(frame: Uint8Array): Message; encode(reply: unknown): Uint8Array } {
    const { encoder, decoder } = streamCodecs(exchange.rawHeaders, this.#edge.codecs);
    const { input, output } = this.#bound.operation.method;
    const decode = composed(this.#decoders, decoder, () =>
      createBodyDecoder(decoder, { schema: input, field: this.#bodyField }),
    );
    const encode = composed(this.#encoders, encoder, () =>
      createBodyEncoder(encoder, { schema: output, field: this.#responseField }),
    );
    return {
      decode: (frame) => {
        try {
          return this.#read({ body: decode(frame), query, variables });
        } catch (error) {
          throw isKratosError(error) ? error : notDecoded(error);
        }
      },
      encode: (reply) => encode(reply as Message), // completed by the implementation's binding
    };
  }
}

function streamedField({ body, place }: HttpBinding): DescField | undefined {
  if (body === undefined || body === "*") return undefined;
  if (body.fieldKind === "message") return body;
  throw new TypeError(
    `Cannot bind ${place} as the body of a stream must be a singular message field: current value is "${body.name}"`,
  );
}

function composed<F>(known: Map<Codec, F>, codec: Codec, compose: () => F): F {
  const found = known.get(codec) ?? compose();
  known.set(codec, found);
  return found;
}

function notDecoded(cause: unknown): Error {
  return badRequest("CODEC", `message unmarshal ${messageOf(cause)}`, { cause });
}
