import type { ClientHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import type { ClientSession, OutgoingHeaders, Stream, StreamListener } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import type { SessionConfig } from "../session/session-defaults.ts";
import { fieldObject } from "./field-object.ts";
import { NodeSession } from "./node-session.ts";
import { NodeStream } from "./node-stream.ts";

/** The client's side of a connection of node:http2. */
export class NodeClientSession extends NodeSession implements ClientSession {
  onUnavailable?: () => void;
  onAvailable?: () => void;
  maxConcurrentStreams: number = Infinity;
  readonly #node: ClientHttp2Session;

  constructor(node: ClientHttp2Session, parts: { socket: Duplex; config: SessionConfig }) {
    super(node, parts);
    this.#node = node;
    node.once("goaway", () => this.#retire());
    node.once("close", () => this.#retire());
    node.on("remoteSettings", ({ maxConcurrentStreams = Infinity }) =>
      this.#whenRoom(() => (this.maxConcurrentStreams = maxConcurrentStreams)),
    );
  }

  get available(): boolean {
    return !this.unavailable && this.openStreams < this.maxConcurrentStreams;
  }

  request(
    headers: OutgoingHeaders,
    listener: StreamListener,
    options: { readonly body?: Uint8Array; readonly endStream: boolean },
  ): Stream {
    if (!this.available) {
      throw new H2Error("Cannot open a stream as the session takes no more", {
        code: errorCodes.refusedStream,
        scope: "stream",
        section: "RFC 9113 section 5.1.2",
        unprocessed: true,
      });
    }
    const { body, endStream } = options;
    const bare = endStream && body === undefined;
    const node = this.#node.request(fieldObject(headers), {
      endStream: bare,
      waitForTrailers: !bare,
    });
    const stream = new NodeStream(node, this, {
      server: false,
      remoteEnded: false,
      waitsForTrailers: !bare,
    });
    stream.listener = listener;
    this.add(stream);
    if (bare || body !== undefined) stream.write(body ?? new Uint8Array(0), endStream);
    return stream;
  }

  override remove(stream: NodeStream): void {
    this.#whenRoom(() => super.remove(stream));
  }

  override close(signal?: AbortSignal): Promise<void> {
    const closed = super.close(signal);
    this.#retire();
    return closed;
  }

  #whenRoom(change: () => void): void {
    const before = this.available;
    change();
    if (!before && this.available) this.onAvailable?.();
  }

  #retire(): void {
    const tell = this.onUnavailable;
    delete this.onUnavailable;
    tell?.();
  }
}
