import type { DescMethod, Message } from "@bufbuild/protobuf";
import { endsOnlyByDeadline } from "../../context/index.ts";
import { fromError, KratosError } from "../../errors/index.ts";
import type { Handler } from "../../middleware/index.ts";
import { operationName } from "../../rpc/index.ts";
import { firstRequest } from "../protocols/first-request.ts";
import type { ErrorDecoder, ProtocolParts } from "../protocols/index.ts";
import { ReplyStream } from "../protocols/reply-stream.ts";
import type { CallSender } from "./call-sender.ts";
import type { HttpClientTls } from "./http-client-options.ts";
import { openWebSocket } from "./open-web-socket.ts";
import { leave, WebSocketCall, type WebSocketCallParts } from "./web-socket-call.ts";
import { planWebSocket } from "./web-socket-plan.ts";

/** What the WebSockets of a client are opened with. Zero turns a time limit off. */
export interface WebSocketOpenerOptions {
  /** Chooses and reaches nodes. */
  readonly sender: CallSender;
  readonly tls: HttpClientTls | undefined;
  readonly handshakeTimeoutMs: number;
  /** Reads refusals. */
  readonly errorDecoder: ErrorDecoder | undefined;
}

/** Makes calls that stream requests WebSockets, by the rules of their methods; without a rule they fail with 501. */
export class WebSocketOpener {
  readonly #options: WebSocketOpenerOptions;
  readonly #calls: Set<WebSocketCall> = new Set();

  constructor(options: WebSocketOpenerOptions) {
    this.#options = options;
  }

  /** Composes the calls of a method. @throws {TypeError} If its rule is impossible. */
  open(method: DescMethod, parts: ProtocolParts): Handler {
    const plan = planWebSocket(method, parts.codec);
    if (plan === undefined) return () => Promise.reject(noRule(method));
    const { codecs, maxMessageBytes, userAgent } = parts;
    const call = { ...this.#options, plan, codecs, maxMessageBytes, userAgent };
    return (requests, ctx) => this.#call(requests as AsyncIterable<Message>, { ...call, ctx }); // completed by the client
  }

  /** Ends all calls under way. */
  close(): void {
    for (const call of this.#calls) call.cut();
  }

  /** Resolves with the only reply, or with the stream of them when the WebSocket is open. @throws {KratosError} */
  async #call(requests: AsyncIterable<Message>, parts: WebSocketCallParts): Promise<unknown> {
    const { ctx, plan } = parts;
    const source = requests[Symbol.asyncIterator]();
    let first: IteratorResult<Message> | undefined;
    let call: WebSocketCall;
    try {
      if (!endsOnlyByDeadline(ctx)) ctx.signal.throwIfAborted();
      first = plan.needsFirst ? await firstRequest(source, ctx) : undefined;
      const path = plan.needsFirst && first?.done !== true ? first?.value : undefined;
      const opened = await openWebSocket(path, parts);
      call = new WebSocketCall(opened, parts);
      this.#calls.add(call);
      opened.socket.onClose(() => this.#calls.delete(call));
    } catch (error) {
      leave(source);
      throw fromError(error);
    }
    void call.sendAll(source, first);
    return plan.method.methodKind === "client_streaming" ? call.onlyReply() : new ReplyStream(call);
  }
}

function noRule(method: DescMethod): KratosError {
  const text = `${operationName(method)} streams requests and has no rule: REST has no form for it`;
  return new KratosError(text, { code: 501, reason: "UNIMPLEMENTED" });
}
