import { once } from "node:events";
import { connect } from "node:net";
import {
  type ClientSession,
  engine,
  type H2Error,
  type HeaderBlock,
  type OutgoingHeaders,
  type SessionOptions,
  type Stream,
  type StreamListener,
} from "../index.ts";

/** A session of our engine to a port of this machine. */
export async function openClient(
  port: number,
  options: SessionOptions = {},
): Promise<ClientSession & AsyncDisposable> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const session = engine().connect(socket, options);
  return Object.assign(session, {
    async [Symbol.asyncDispose](): Promise<void> {
      session.destroy();
      await session.closed;
    },
  });
}

export const getRequest: readonly string[] = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a"];
export const postRequest: readonly string[] = [":method", "POST", ":scheme", "http", ":path", "/", ":authority", "a"];

/** Everything that a stream of our client has heard. */
export class Ears implements StreamListener {
  readonly blocks: (readonly string[])[] = [];
  readonly pieces: Buffer[] = [];
  trailers: HeaderBlock | undefined;
  error: H2Error | undefined;
  drains = 0;
  received = 0;
  /** The stream, once it is known. */
  stream: Stream | undefined;
  /** Whether what arrives is consumed at once. */
  reads = true;
  readonly ended: Promise<"end" | "abort">;
  #settle: (how: "end" | "abort") => void = () => undefined;
  #woken: () => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get body(): Buffer {
    return Buffer.concat(this.pieces);
  }

  get status(): string | undefined {
    return this.blocks.at(-1)?.[1];
  }

  /** Resolves when this holds, looked at after each thing that is heard. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    }
  }

  onHeaders(headers: HeaderBlock, endStream: boolean): void {
    this.blocks.push(headers.fields);
    this.#woken();
    if (endStream) this.#settle("end");
  }

  onData(chunk: Uint8Array): void {
    this.pieces.push(Buffer.from(chunk));
    this.received += chunk.length;
    if (this.reads) this.stream?.consume(chunk.length);
    this.#woken();
  }

  onEnd(trailers: HeaderBlock | undefined): void {
    this.trailers = trailers;
    this.#settle("end");
    this.#woken();
  }

  onDrain(): void {
    this.drains += 1;
    this.#woken();
  }

  onAbort(error: H2Error): void {
    this.error = error;
    this.#settle("abort");
    this.#woken();
  }
}

/** Opens a stream with ears of its own. */
export function call(
  session: ClientSession,
  headers: OutgoingHeaders = getRequest,
  options: { readonly body?: Uint8Array; readonly endStream?: boolean } = {},
): { stream: Stream; ears: Ears } {
  const ears = new Ears();
  const stream = session.request(headers, ears, { endStream: true, ...options });
  ears.stream = stream;
  return { stream, ears };
}
