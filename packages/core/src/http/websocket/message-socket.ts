/**
 * A stream of messages both ways over a WebSocket, as Kratos v3 puts it on the wire: a message a frame,
 * and control messages for the end of a side and for failures. Client and server use the same.
 */
import { isUtf8 } from "node:buffer";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import {
  closeReason,
  endFrame,
  errorFrame,
  errorFromText,
  looksLikeControl,
  parseControl,
} from "./control-frame.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { MessageInbox } from "./message-inbox.ts";

/** Limits of a MessageSocket, and what it makes of ends. Zero turns a time limit off. */
export interface MessageSocketOptions {
  readonly pingIntervalMs: number;
  readonly idleTimeoutMs: number;
  /** Milliseconds a peer may take nothing while something waits to be sent. */
  readonly writeTimeoutMs: number;
  /** The error of a connection that closes with another code than 1000 and 1001. */
  readonly closeError: (close: CloseInfo) => Error;
}

/** How a connection ended. */
export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
  /** What went wrong, where this side saw it. */
  readonly cause: Error | undefined;
}

const highWaterBytes = 64 * 1024;

/** Sends and receives messages, no faster than the reader of either side. */
export class MessageSocket {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #options: MessageSocketOptions;
  readonly #inbox: MessageInbox;
  #drained: (() => void) | undefined;
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;
  #hasEnded = false;
  #closed: CloseInfo | undefined;

  /** `wire` is the connection below. */
  constructor(socket: WebSocket, wire: Duplex, options: MessageSocketOptions) {
    this.#socket = socket;
    this.#wire = wire;
    this.#options = options;
    this.#inbox = new MessageInbox(socket);
    this.#follow();
    if (socket.isPaused) socket.resume();
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The next message; undefined at the end of the other side. Rejects with its error, or when the connection breaks. */
  next(): Promise<Uint8Array | undefined> {
    return this.#inbox.next();
  }

  /** Resolves when the wire takes more. Rejects when this side has ended or the connection has closed. */
  async send(message: Uint8Array): Promise<void> {
    if (this.#hasEnded) throw new Error("websocket client stream send side is closed");
    if (!this.isOpen) throw this.#closeError();
    const binary = looksLikeControl(message) || !isUtf8(message);
    this.#socket.send(message, { binary }, this.#onSent);
    if (this.#socket.bufferedAmount < highWaterBytes) return;
    await this.#drain();
    if (!this.isOpen) throw this.#closeError();
  }

  /** Tells the other side that no message follows. */
  endSending(): void {
    if (this.isOpen && !this.#hasEnded) this.#socket.send(endFrame, ignore);
    this.#hasEnded = true;
  }

  /** Reads on, but only to see the end: whatever comes is thrown away. */
  stopReading(error?: Error): void {
    this.#inbox.drop(error);
  }

  /** Closes after what has been sent; what still comes is thrown away. */
  close(code: number, reason = ""): void {
    this.#inbox.drop();
    if (this.isOpen) this.#socket.close(code, closeReason(reason));
    this.#watchWrites();
  }

  /** Tells the other side that the stream has failed, and closes. */
  fail(text: string): void {
    if (this.isOpen) this.#socket.send(errorFrame(text), ignore);
    this.close(1011, text);
  }

  /** Cuts the connection. */
  terminate(reason?: Error): void {
    this.#failure ??= reason;
    this.#socket.terminate();
  }

  /** Calls the listener once the connection has closed. */
  onClose(listener: (close: CloseInfo) => void): void {
    if (this.#closed !== undefined) listener(this.#closed);
    else this.#socket.once("close", () => this.#closed && listener(this.#closed));
  }

  #follow(): void {
    const socket = this.#socket;
    // As Buffers: the default of both sides.
    socket.on("message", (data) => this.#receive(data as Buffer));
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    socket.on("close", (code, reason) => this.#onClose(code, reason.toString()));
    const { pingIntervalMs, idleTimeoutMs, writeTimeoutMs } = this.#options;
    startHeartbeat(socket, {
      pingIntervalMs,
      idleTimeoutMs,
      isDeaf: () => this.#inbox.isPaused,
      onIdle: () => this.terminate(new Error(`the peer was silent for ${idleTimeoutMs} ms`)),
    });
    this.#wire.once("timeout", () => {
      this.terminate(new Error(`the peer took nothing for ${writeTimeoutMs} ms`));
    });
  }

  #receive(data: Buffer): void {
    const control = parseControl(data);
    if (control === undefined) this.#inbox.push(data);
    else if (control.kind === "end") this.#inbox.end();
    else this.#inbox.end(errorFromText(control.text));
  }

  #onClose(code: number, reason: string): void {
    this.#closed = { code, reason, cause: this.#failure };
    const isClean = (code === 1000 || code === 1001) && this.#failure === undefined;
    this.#inbox.end(isClean ? undefined : this.#closeError());
    this.#wakeWriter();
  }

  #closeError(): Error {
    return this.#options.closeError(
      this.#closed ?? { code: 1006, reason: "", cause: this.#failure },
    );
  }

  #drain(): Promise<void> {
    this.#watchWrites();
    this.#draining ??= new Promise((resolve) => {
      this.#drained = resolve;
    });
    return this.#draining;
  }

  readonly #onSent = (): void => {
    if (this.#drained !== undefined && this.#socket.bufferedAmount < highWaterBytes)
      this.#wakeWriter();
  };

  #wakeWriter(): void {
    const wake = this.#drained;
    this.#drained = undefined;
    this.#draining = undefined;
    if (this.isOpen) this.#limitWrites(0);
    wake?.();
  }

  /** The timer of a socket goes on while bytes do: it fires for a peer that takes none at all. */
  #watchWrites(): void {
    if (this.#wire.writableLength > 0) this.#limitWrites(this.#options.writeTimeoutMs);
  }

  #limitWrites(timeoutMs: number): void {
    const wire = this.#wire;
    if ("setTimeout" in wire && typeof wire.setTimeout === "function") wire.setTimeout(timeoutMs);
  }
}

function ignore(): void {
  // a message that is not sent: the connection's end is reported by itself
}
