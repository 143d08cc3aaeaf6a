import type { Socket } from "node:net";

/** What a connection speaks, as far as its first bytes tell: "text" begins with a letter, as methods do. */
export type Spoken = "h2" | "http1" | "text" | "unknown";

/** No method of HTTP/1.x begins like the client preface of HTTP/2, RFC 9113 section 3.4. */
const opening = /* @__PURE__ */ Buffer.from("PRI ", "latin1");

/** A longer one is not looked for. */
const longestLine = 8192;
const requestLine = /^[A-Z]+ [^ \r\n]+ HTTP\/1\.\d\r?\n/;

/** Tells what the bytes begin; undefined while they may be either. */
export function spokenBy(bytes: Uint8Array): Spoken | undefined {
  const length = Math.min(bytes.length, opening.length);
  for (let at = 0; at < length; at += 1) {
    if (bytes[at] === opening[at]) continue;
    if (!isMethodChar(bytes[0])) return "unknown";
    return requestLine.test(Buffer.from(bytes).toString("latin1", 0, longestLine))
      ? "http1"
      : "text";
  }
  return length === opening.length ? "h2" : undefined;
}

/** Methods are upper-case in practice; a TLS handshake and other protocols begin otherwise. */
function isMethodChar(char: number | undefined): boolean {
  return char !== undefined && char >= 0x41 && char <= 0x5a;
}

export interface FirstBytesOptions {
  /** Milliseconds after which a connection that has not said what it is gets cut; 0 is never. */
  readonly timeoutMs: number;
  /** Hears what it is; the socket is paused then. */
  readonly onSpoken: (socket: Socket, spoken: Spoken) => void;
}

/**
 * Reads the first bytes of a connection, gives them back to it, and answers what they are. Calls back
 * at most once, and not at all when the socket closes first.
 */
export class FirstBytes {
  readonly socket: Socket;
  readonly #onSpoken: (socket: Socket, spoken: Spoken) => void;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onData: (chunk: Buffer) => void = (chunk) => this.#read(chunk);
  readonly #onGone: () => void = () => this.stop();
  #bytes: Buffer | undefined;

  constructor(socket: Socket, options: FirstBytesOptions) {
    const { timeoutMs, onSpoken } = options;
    this.socket = socket;
    this.#onSpoken = onSpoken;
    this.#timer = timeoutMs > 0 ? setTimeout(() => this.stop(), timeoutMs).unref() : undefined;
    socket.on("data", this.#onData);
    socket.on("end", this.#onGone);
    socket.on("error", this.#onGone);
    socket.on("close", this.#onGone);
  }

  /** Gives up and closes the socket. */
  stop(): void {
    this.#leave();
    // Whatever it still reports, an error nobody hears would end the process.
    this.socket.on("error", ignore);
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#bytes = this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes, chunk]);
    const spoken = spokenBy(this.#bytes);
    if (spoken === undefined) return;
    this.#leave();
    this.socket.pause();
    this.socket.unshift(this.#bytes);
    this.#onSpoken(this.socket, spoken);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.socket.off("data", this.#onData);
    this.socket.off("end", this.#onGone);
    this.socket.off("error", this.#onGone);
    this.socket.off("close", this.#onGone);
  }
}

function ignore(): void {}
