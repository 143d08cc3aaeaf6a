import { grpcFailure } from "../../errors/index.ts";
import type { HeaderBlock, Stream, StreamListener } from "@kratosjs/h2";
import { type Context, type Deadline, onDeadline, withCancel } from "../../context/index.ts";
import { isAsyncIterable } from "../../middleware/index.ts";
import { withServerTransport } from "../../transport/index.ts";
import { callEnded, callerLeft, deadlineReason } from "../wire/cancel-reasons.ts";
import { MessageInbox } from "../wire/message-inbox.ts";
import { WriteGate } from "../wire/write-gate.ts";
import { type Reply, stopRequest } from "./reply.ts";
import type { RequestHead } from "./request-head.ts";
import { ServerCall } from "./server-call.ts";
import { stoppingError } from "./stopping-error.ts";
import type { LiveCall } from "./live-calls.ts";
import type { ServerScope } from "./server-scope.ts";

/** One call of a streaming method on the server. Nothing is read or written ahead of the handler and the peer. */
export class StreamCall implements StreamListener, LiveCall {
  previous: LiveCall | undefined;
  next: LiveCall | undefined;
  readonly #stream: Stream;
  readonly #head: RequestHead;
  readonly #scope: ServerScope;
  readonly #reply: Reply;
  readonly #inbox: MessageInbox;
  readonly #gate: WriteGate = new WriteGate();
  readonly startedAt: number = Date.now();
  readonly deadline: number | undefined;
  readonly #alarm: Deadline | undefined;
  readonly #cancel: (reason: unknown) => void;
  #replies: AsyncIterator<unknown> | undefined;
  #ended = false;
  #blocked = false;
  #over = false;

  constructor(stream: Stream, head: RequestHead, scope: ServerScope) {
    this.#stream = stream;
    this.#head = head;
    this.#scope = scope;
    const call = new ServerCall(stream, head, scope);
    this.#reply = call.reply;
    this.#inbox = new MessageInbox({
      maxMessageBytes: scope.maxReceiveMessageBytes,
      compression: () => head.compression,
      decode: (bytes) => {
        scope.traffic.messagesReceived += 1;
        return head.format.decode(bytes);
      },
      onConsumed: (bytes) => stream.consume(bytes),
      onAbandoned: () => {},
      onBroken: () => {}, // the handler hears of it where it reads
    });
    const { timeoutMs } = head;
    const at = timeoutMs === undefined ? undefined : this.startedAt + timeoutMs;
    this.deadline = at;
    const { context, cancel } = withCancel(scope.parent, at === undefined ? {} : { deadline: at });
    this.#cancel = cancel;
    if (at !== undefined) this.#alarm = onDeadline(at, () => this.#expire());
    scope.live.add(this);
    void this.#run(withServerTransport(context, call));
  }

  onData(chunk: Uint8Array): void {
    this.#inbox.push(chunk);
  }

  onEnd(_trailers: HeaderBlock | undefined): void {
    this.#ended = true;
    this.#inbox.end();
  }

  onDrain(): void {
    this.#blocked = false;
    if (this.#over) this.#stopRequest();
    else this.#gate.open();
  }

  onAbort(error: unknown): void {
    if (this.#over) return;
    this.#scope.traffic.failed += 1;
    this.#close(callerLeft(error));
  }

  get operation(): string {
    return this.#head.route.operation;
  }

  get standing(): boolean {
    return this.#head.route.standing;
  }

  end(): void {
    this.#finish(stoppingError());
  }

  /** Never rejects: all that breaks ends the call. */
  async #run(context: Context): Promise<void> {
    try {
      const { handler, kind } = this.#head.route;
      const one = kind === "server_streaming";
      const request = one ? await onlyMessage(this.#inbox) : this.#inbox;
      const reply = await handler(request, context);
      if (isAsyncIterable(reply)) await this.#sendAll(reply[Symbol.asyncIterator]());
      else await this.#send(reply);
      this.#finish();
    } catch (error) {
      this.#finish(error);
    }
  }

  async #sendAll(replies: AsyncIterator<unknown>): Promise<void> {
    if (this.#over) return leave(replies);
    this.#replies = replies;
    while (!this.#over) {
      const { done, value } = await replies.next();
      if (done === true) {
        this.#replies = undefined;
        return;
      }
      await this.#send(value);
    }
  }

  #send(message: unknown): Promise<void> | void {
    if (this.#over) return;
    const sent = this.#reply.message(message);
    if (typeof sent === "boolean") return this.#passed(sent);
    return sent.then((more) => this.#passed(more));
  }

  #passed(more: boolean): Promise<void> | void {
    if (more || this.#over) return;
    this.#blocked = true;
    return this.#gate.passed();
  }

  #expire(): void {
    if (this.#over) return;
    this.#cancel(deadlineReason());
    this.#finish(grpcFailure("DEADLINE_EXCEEDED", "context deadline exceeded"));
  }

  #finish(error?: unknown): void {
    if (this.#over) return;
    this.#reply.end(error);
    this.#close(callEnded());
  }

  #close(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#alarm?.cancel();
    this.#scope.live.delete(this);
    this.#cancel(reason);
    this.#inbox.fail(reason);
    this.#gate.open();
    leave(this.#replies);
    this.#stopRequest();
  }

  /** Not before what was written is out: a reset would take it back. */
  #stopRequest(): void {
    if (!this.#ended && !this.#blocked) stopRequest(this.#stream);
  }
}

/** The message of a request that may have one only. */
async function onlyMessage(inbox: MessageInbox): Promise<unknown> {
  const first = await inbox.next();
  if (first.done === true) throw wrongCount("none");
  const second = await inbox.next();
  if (second.done !== true) throw wrongCount("more");
  return first.value;
}

function wrongCount(count: string): Error {
  return grpcFailure("UNIMPLEMENTED", `the request must have one message: it has ${count}`);
}

/** Lets the handler's stream clean up; what it makes of that is nobody's concern any more. */
function leave(replies: AsyncIterator<unknown> | undefined): void {
  replies?.return?.().then(undefined, () => {});
}
