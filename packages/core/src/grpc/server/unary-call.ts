import { grpcFailure } from "../../errors/index.ts";
import { FrameBuffer, type Frame, wholeFrame } from "../../encoding/framing/index.ts";
import { decompressMessage } from "../../encoding/compression/index.ts";
import type { HeaderBlock, Stream, StreamListener } from "@kratosjs/h2";
import { type Deadline, onDeadline, withCancel } from "../../context/index.ts";
import { withServerTransport } from "../../transport/index.ts";
import { callEnded, callerLeft, deadlineReason } from "../wire/cancel-reasons.ts";
import { encodeReply, okTrailers, stopRequest } from "./reply.ts";
import type { RequestHead } from "./request-head.ts";
import { ServerCall } from "./server-call.ts";
import { stoppingError } from "./stopping-error.ts";
import type { LiveCall } from "./live-calls.ts";
import type { ServerScope } from "./server-scope.ts";

/**
 * One unary call on the server, the shortest path there is: this object, the context and what the
 * handler makes of them.
 */
export class UnaryCall implements StreamListener, LiveCall {
  readonly standing = false;
  previous: LiveCall | undefined;
  next: LiveCall | undefined;
  readonly #stream: Stream;
  readonly #head: RequestHead;
  readonly #scope: ServerScope;
  readonly startedAt: number;
  readonly deadline: number | undefined;
  readonly #alarm: Deadline | undefined;
  #first: Frame | undefined;
  #frames: FrameBuffer | undefined;
  #call: ServerCall | undefined;
  #cancel: ((reason: unknown) => void) | undefined;
  #ended = false;
  #over = false;

  constructor(stream: Stream, head: RequestHead, scope: ServerScope) {
    this.#stream = stream;
    this.#head = head;
    this.#scope = scope;
    this.startedAt = Date.now();
    scope.live.add(this);
    const timeoutMs = shorter(scope.timeoutMs, head.timeoutMs);
    if (timeoutMs !== undefined) {
      this.deadline = this.startedAt + timeoutMs;
      this.#alarm = onDeadline(this.deadline, () => this.#expire());
    }
  }

  onData(chunk: Uint8Array): void {
    this.#stream.consume(chunk.length);
    if (this.#over) return;
    try {
      const isFirst = this.#first === undefined && this.#frames === undefined;
      this.#first ??= isFirst ? wholeFrame(chunk, this.#scope.maxReceiveMessageBytes) : undefined;
      if (!isFirst || this.#first === undefined) this.#gather(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  onEnd(_trailers: HeaderBlock | undefined): void {
    this.#ended = true;
    if (this.#over) return;
    const frame = this.#first;
    if (frame === undefined) {
      this.#fail(
        (this.#frames?.size ?? 0) > 0
          ? grpcFailure("INTERNAL", "the request ended within a message")
          : grpcFailure("UNIMPLEMENTED", "a unary request must have one message: it has none"),
      );
    } else if (frame.compressed) {
      const { compression } = this.#head;
      const { maxReceiveMessageBytes: maxMessageBytes } = this.#scope;
      decompressMessage(frame.payload, { compression, maxMessageBytes }).then(
        (payload) => this.#run(payload),
        (error: unknown) => this.#fail(error),
      );
    } else {
      this.#run(frame.payload);
    }
  }

  onDrain(): void {}

  onAbort(error: unknown): void {
    if (this.#over) return;
    this.#scope.traffic.failed += 1;
    this.#close(callerLeft(error));
  }

  get operation(): string {
    return this.#head.route.operation;
  }

  end(): void {
    this.#fail(stoppingError());
  }

  /** The request in more than one piece, or more than one message. */
  #gather(chunk: Uint8Array): void {
    this.#frames ??= new FrameBuffer({ maxMessageBytes: this.#scope.maxReceiveMessageBytes });
    this.#frames.push(chunk);
    const had = this.#first !== undefined;
    if (!had) this.#first = this.#frames.take();
    if (this.#first !== undefined && (had || this.#frames.size > 0)) {
      throw grpcFailure("UNIMPLEMENTED", "a unary request must have one message: it has more");
    }
  }

  #run(payload: Uint8Array): void {
    if (this.#over) return;
    const { parent } = this.#scope;
    const at = this.deadline;
    const { context, cancel } = withCancel(
      parent,
      at === undefined ? noDeadline : { deadline: at },
    );
    this.#cancel = cancel;
    this.#call = new ServerCall(this.#stream, this.#head, this.#scope);
    this.#scope.traffic.messagesReceived += 1;
    try {
      const request = this.#head.format.decode(payload);
      this.#head.route.handler(request, withServerTransport(context, this.#call)).then(
        (reply) => this.#answer(reply, this.#call),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #answer(reply: unknown, call: ServerCall | undefined): void {
    if (this.#over || call === undefined) return;
    if (!call.plain) {
      call.reply.whole(reply).then(
        () => this.#close(callEnded()),
        (error: unknown) => this.#fail(error),
      );
      return;
    }
    try {
      const frame = encodeReply(this.#head, reply, this.#scope);
      this.#stream.respond(this.#head.format.replyHeaders, frame, okTrailers());
      this.#scope.traffic.messagesSent += 1;
      this.#scope.traffic.succeeded += 1;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#close(callEnded());
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const call = this.#call ?? new ServerCall(this.#stream, this.#head, this.#scope);
    call.reply.end(error);
    this.#close(callEnded());
  }

  #expire(): void {
    if (this.#over) return;
    // The context first, so that nothing is begun for a caller who is about to leave.
    this.#cancel?.(deadlineReason());
    this.#fail(grpcFailure("DEADLINE_EXCEEDED", "context deadline exceeded"));
  }

  #close(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#scope.live.delete(this);
    this.#alarm?.cancel();
    this.#cancel?.(reason);
    this.#frames = undefined;
    this.#first = undefined;
    // An answer given before the whole request came has no body that could still wait for the window.
    if (!this.#ended) stopRequest(this.#stream);
  }
}

const noDeadline = {};

/** The shorter of the server's limit (0 is none) and the caller's. */
function shorter(limitMs: number, callerMs: number | undefined): number | undefined {
  if (limitMs <= 0) return callerMs;
  return callerMs === undefined || limitMs < callerMs ? limitMs : callerMs;
}
