import type { Message } from "@bufbuild/protobuf";
import { type Context, type Deadline, onEnd } from "../../context/index.ts";
import {
  badRequest,
  fromError,
  internalServer,
  type KratosError,
  messageOf,
  serviceUnavailable,
} from "../../errors/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import type { ReplyCodecs } from "../protocols/index.ts";
import { noteTrailer } from "../protocols/reply-header.ts";
import { notDecoded } from "../protocols/rest-error.ts";
import { errorTextOf } from "../websocket/control-frame.ts";
import type { MessageSocket } from "../websocket/message-socket.ts";
import type { OpenWebSocket } from "./open-web-socket.ts";
import { transportError } from "./transport-error.ts";
import type { WebSocketOpenerOptions } from "./web-socket-opener.ts";
import type { WebSocketPlan } from "./web-socket-plan.ts";

/** What one call over a WebSocket needs besides its messages. */
export interface WebSocketCallParts extends WebSocketOpenerOptions {
  readonly plan: WebSocketPlan;
  readonly ctx: Context;
  readonly codecs: ReplyCodecs;
  readonly maxMessageBytes: number;
  readonly userAgent: string;
}

// A private code: the peer is not to take a call that was given up for one that came to its end.
const givenUp = 4499;

/** A call whose WebSocket is open. It ends with its context, its last reply or an error. */
export class WebSocketCall {
  readonly ctx: Context;
  readonly #parts: WebSocketCallParts;
  readonly #socket: MessageSocket;
  readonly #opened: OpenWebSocket;
  readonly #watch: Deadline;
  #source: AsyncIterator<Message> | undefined;
  #failure: KratosError | undefined;
  #isOver = false;

  constructor(opened: OpenWebSocket, parts: WebSocketCallParts) {
    this.ctx = parts.ctx;
    this.#parts = parts;
    this.#opened = opened;
    this.#socket = opened.socket;
    this.#watch = onEnd(parts.ctx, (reason) => this.#giveUp(transportError(reason)));
    this.#socket.onClose(() => this.#leaveSource());
  }

  /** Sends what the source gives, and says when there is no more. */
  async sendAll(source: AsyncIterator<Message>, first?: IteratorResult<Message>): Promise<void> {
    this.#source = source;
    try {
      for (let item = first ?? (await source.next()); ; item = await source.next()) {
        if (item.done === true) break;
        if (this.#isOver) return;
        await this.#socket.send(this.#encode(item.value));
      }
      this.#source = undefined;
      this.#socket.endSending();
    } catch (error) {
      // A connection that closed tells its reader by itself.
      if (this.#socket.isOpen) this.#giveUp(fromError(error));
    }
  }

  /** The reply of a method that has one. @throws {KratosError} */
  async onlyReply(): Promise<unknown> {
    try {
      const reply = await this.pull();
      if (reply === undefined) throw internalServer("CODEC", "the stream ended without a reply");
      this.finish();
      return reply;
    } catch (error) {
      this.finish(error);
      throw error;
    }
  }

  async pull(): Promise<unknown> {
    let frame: Uint8Array | undefined;
    try {
      frame = await this.#socket.next();
    } catch (error) {
      throw this.#failure ?? transportError(error);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (frame === undefined) return undefined;
    try {
      return this.#parts.plan.decode(frame);
    } catch (error) {
      throw notDecoded(error);
    }
  }

  finish(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch.cancel();
    // Requests that were not all sent must not look as if they were.
    this.#socket.close(this.#source === undefined && error === undefined ? 1000 : givenUp);
    this.#leaveSource();
    const { replyHeader, done } = this.#opened;
    const ended = { bytesSent: true, bytesReceived: true, replyHeader };
    noteTrailer(this.ctx, new HeaderMap());
    done(error === undefined ? ended : { ...ended, error });
  }

  /** Ends the call as its client does. */
  cut(): void {
    this.#giveUp(serviceUnavailable("", "the client has been closed"));
  }

  #giveUp(error: KratosError): void {
    this.#failure ??= error;
    this.#socket.stopReading(error);
    this.#socket.close(givenUp, errorTextOf(error));
  }

  #encode(message: Message): Uint8Array {
    try {
      return this.#parts.plan.encode(message);
    } catch (error) {
      throw badRequest("CODEC", messageOf(error), { cause: error });
    }
  }

  #leaveSource(): void {
    if (this.#source !== undefined) leave(this.#source);
    this.#source = undefined;
  }
}

/** Tells a source that nothing of it is wanted any more. */
export function leave(source: AsyncIterator<unknown>): void {
  void source.return?.().then(ignore, ignore);
}

function ignore(): void {
  // what it says to that is nobody's news
}
