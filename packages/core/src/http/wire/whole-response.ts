import { type IncomingMessage, ServerResponse } from "node:http";

/** The body of a whole answer, and how many bytes it has. */
export interface WholeBody {
  readonly bytes: Uint8Array | string;
  readonly length: number;
}

/**
 * A response of node:http that can also send a whole answer at once. `end()` hands the head, the body and an
 * empty last part to the socket one by one, and checks and stores each header on the way: of a small answer
 * that is the larger part of the cost.
 */
export class WholeResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  /** Node's own, which its types lack: with a text in it headers count as sent and may not be changed. */
  declare _header: string | null;

  /** Whether an answer may go out whole: nothing of one is sent yet, it is its turn, and the connection stays. */
  get isFresh(): boolean {
    const { socket } = this;
    return (
      socket !== null &&
      socket.writable &&
      this.shouldKeepAlive &&
      !this.headersSent &&
      !this.finished
    );
  }

  /** Sends an answer of a status as it is; only for who `isFresh`. */
  sendWhole(status: number, head: string, { bytes, length }: WholeBody): void {
    const { socket } = this;
    if (socket === null) return;
    this._header = head; // oxlint-disable-line no-underscore-dangle -- node's name
    this.statusCode = status;
    // What `end()` does: from here on writes are refused, and "finish" hands the connection on.
    this.finished = true;
    const onSent = (error?: Error | null): void => {
      if (error === null || error === undefined) this.emit("finish");
    };
    // Text without a character beyond ASCII.
    if (typeof bytes === "string" && bytes.length === length) {
      socket.write(head + bytes, "latin1", onSent);
      return;
    }
    socket.cork();
    socket.write(head, "latin1");
    socket.write(bytes, onSent);
    socket.uncork();
  }
}
