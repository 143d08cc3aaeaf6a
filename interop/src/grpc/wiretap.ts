import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

const prefaceBytes = 24;
const frameHeaderBytes = 9;
const messagePrefixBytes = 5;
const dataFrame = 0;
const paddedFlag = 8;

/**
 * Stands between a client and a server and reads which messages of gRPC are packed: no library tells
 * its user. It knows as much of HTTP/2 as that takes: clear text, and the DATA of the latest stream.
 */
export class Wiretap implements AsyncDisposable {
  /** For each message of the latest call: whether it went packed. */
  requests: readonly boolean[] = [];
  /** For each message of the latest reply: whether it came packed. */
  replies: readonly boolean[] = [];
  readonly #sockets: Set<Socket> = new Set();
  readonly #server: Server = createServer((socket) => this.#join(socket));
  #target = 0;

  /** Listens in front of a port of this machine; answers its own. */
  async start(targetPort: number): Promise<number> {
    this.#target = targetPort;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket): void {
    const server = connect(this.#target, "127.0.0.1");
    const requests = new Direction(prefaceBytes, (packed) => (this.requests = packed));
    const replies = new Direction(0, (packed) => (this.replies = packed));
    this.#pass(client, server, requests);
    this.#pass(server, client, replies);
  }

  // ceiling: from, to and who listens
  #pass(from: Socket, to: Socket, direction: Direction): void {
    this.#sockets.add(from);
    from.on("error", () => to.destroy());
    from.on("end", () => to.end());
    from.on("close", () => to.destroy());
    from.on("data", (chunk) => {
      direction.push(chunk);
      to.write(chunk);
    });
  }
}

/** The frames one side sends. */
class Direction {
  readonly #onCall: (packed: readonly boolean[]) => void;
  #packed: boolean[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #skip: number;
  #stream = 0;
  #messages: Buffer = Buffer.alloc(0);

  constructor(skip: number, onCall: (packed: readonly boolean[]) => void) {
    this.#skip = skip;
    this.#onCall = onCall;
  }

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length < this.#skip) return;
    this.#bytes = this.#bytes.subarray(this.#skip);
    this.#skip = 0;
    for (;;) {
      if (this.#bytes.length < frameHeaderBytes) return;
      const end = frameHeaderBytes + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) return;
      if (this.#bytes[3] === dataFrame) this.#onData(this.#bytes.subarray(0, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  #onData(frame: Buffer): void {
    const stream = frame.readUInt32BE(5);
    if (stream > this.#stream) {
      this.#stream = stream;
      this.#messages = Buffer.alloc(0);
      this.#packed = [];
      this.#onCall(this.#packed);
    }
    const padded = ((frame[4] ?? 0) & paddedFlag) !== 0;
    if (padded || stream < this.#stream)
      throw new Error("the tap reads one call at a time, not padded");
    this.#messages = Buffer.concat([this.#messages, frame.subarray(frameHeaderBytes)]);
    for (;;) {
      if (this.#messages.length < messagePrefixBytes) return;
      const end = messagePrefixBytes + this.#messages.readUInt32BE(1);
      if (this.#messages.length < end) return;
      this.#packed.push(this.#messages[0] === 1);
      this.#messages = this.#messages.subarray(end);
    }
  }
}
