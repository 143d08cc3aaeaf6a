import {
  type ClientSession,
  errorCodes,
  type H2Error,
  type HeaderBlock,
  type Stream,
  type StreamListener,
} from "@kratosjs/h2";
import { type Deadline, onEnd } from "../../context/index.ts";
import { copyBytes } from "../../encoding/framing/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import { Http2Body } from "./http2-body.ts";
import type { Http2Sessions } from "./http2-sessions.ts";
import type { Attempt, Wire, WireListener } from "./wire.ts";

/** One request as a stream of HTTP/2. */
export class Http2Wire implements Wire, StreamListener {
  readonly #listener: WireListener;
  readonly #attempt: Attempt;
  #watch: Deadline | undefined;
  #leave: (() => void) | undefined;
  #stream: Stream | undefined;
  #body: Http2Body | undefined;
  #unread = 0;
  #received = false;
  #unprocessed = false;
  #ended = false;

  constructor(listener: WireListener, attempt: Attempt) {
    this.#listener = listener;
    this.#attempt = attempt;
  }

  get bytesSent(): boolean {
    return this.#stream !== undefined;
  }

  get bytesReceived(): boolean {
    return this.#received;
  }

  get unprocessed(): boolean {
    return this.#unprocessed;
  }

  /** Opens a stream, once a connection has room for it. */
  start(sessions: Http2Sessions): void {
    this.#watch = onEnd(this.#attempt.context, (reason) => this.abort(reason));
    this.#look(sessions);
  }

  #look(sessions: Http2Sessions): void {
    this.#leave = undefined;
    if (this.#ended) return;
    const session = sessions.ready;
    if (session === undefined) {
      this.#leave = sessions.wait({
        ready: () => this.#look(sessions),
        failed: (error) => this.#break(error),
      });
      return;
    }
    try {
      this.#open(session);
    } catch (error) {
      this.#break(error);
    }
  }

  #open(session: ClientSession): void {
    const { body } = this.#attempt.request;
    const isWhole = body === undefined || body instanceof Uint8Array;
    this.#stream = session.request(this.#fields(), this, {
      ...(isWhole && body !== undefined && { body }),
      endStream: isWhole,
    });
    if (isWhole) return;
    this.#body = new Http2Body(this.#stream, body);
    this.#body.send().catch((error: unknown) => this.#break(error));
  }

  abort(reason: unknown): void {
    if (this.#finish()) this.#listener.onCut(reason);
    this.#stream?.reset(errorCodes.cancel);
  }

  resume(): void {
    this.#stream?.consume(this.#unread);
    this.#unread = 0;
  }

  onHeaders({ fields }: HeaderBlock, endStream: boolean): void {
    this.#received = true;
    const status = Number(fields[fields.indexOf(":status") + 1]);
    if (status < 200 || this.#ended) return;
    this.#listener.onHead({ status, header: headerOf(fields) });
    if (endStream) this.onEnd(undefined);
  }

  onData(chunk: Uint8Array): void {
    this.#unread += chunk.length;
    // The engine's bytes are gone when this returns.
    if (this.#ended || this.#listener.onData(copyBytes(chunk, 0))) this.resume();
  }

  onEnd(trailers: HeaderBlock | undefined): void {
    if (!this.#finish()) return;
    this.#listener.onEnd(headerOf(trailers?.fields ?? []));
    // The peer has answered without the rest of the request.
    if (this.#body?.isSent === false) this.#stream?.reset(errorCodes.cancel);
  }

  onDrain(): void {
    this.#body?.drained();
  }

  onAbort(error: H2Error): void {
    this.#unprocessed = error.unprocessed;
    this.#break(error);
  }

  #break(error: unknown): void {
    if (this.#finish()) this.#listener.onBroken(error);
    this.#stream?.reset(errorCodes.cancel);
  }

  /** Whether this is the end, and not what comes after it. */
  #finish(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#watch?.cancel();
    this.#leave?.();
    this.#body?.leave();
    return true;
  }

  #fields(): string[] {
    const { request, node } = this.#attempt;
    const authority = request.header.get("host");
    const fields = [
      ":method",
      request.method,
      ":scheme",
      node.scheme,
      ":path",
      request.path,
      ":authority",
      authority || (node.address.startsWith("unix:") ? "localhost" : node.address),
    ];
    for (const [name, values] of request.header.entries()) {
      if (name !== "host") for (const value of values) fields.push(name, value);
    }
    return fields;
  }
}

function headerOf(fields: readonly string[]): HeaderMap {
  const header = new HeaderMap();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? "";
    if (!name.startsWith(":")) header.add(name, fields[at + 1] ?? "");
  }
  return header;
}
