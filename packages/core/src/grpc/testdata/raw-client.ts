import { frameMessage } from "../../encoding/framing/index.ts";
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { EchoRequestSchema } from "./echo_pb.ts";

/** What came back for one request. */
export interface RawAnswer {
  readonly header: Record<string, unknown>;
  readonly trailer: Record<string, unknown>;
  readonly body: Buffer;
}

/** A client that sends what it is told, right or wrong. */
export class RawClient implements AsyncDisposable {
  readonly session: ClientHttp2Session;

  readonly #socket: Socket;

  constructor(address: string) {
    const [host = "", port = ""] = address.split(":");
    this.#socket = connectSocket(Number(port), host);
    this.session = connect(`http://${address}`, { createConnection: () => this.#socket });
    this.session.on("error", () => {});
  }

  /** Sends headers and pieces of body; `open` leaves the request unfinished. */
  send(
    headers: OutgoingHttpHeaders,
    pieces: readonly Uint8Array[] = [],
    options: { readonly open?: boolean } = {},
  ): Promise<RawAnswer> {
    return new Promise((resolve) => {
      const stream = this.session.request({
        ":method": "POST",
        ":path": "/kratos.test.v1.Echo/Say",
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      const answer = { header: {}, trailer: {}, body: [] as Buffer[] };
      stream.on("response", (header) => Object.assign(answer.header, header));
      stream.on("trailers", (trailer) => Object.assign(answer.trailer, trailer));
      stream.on("data", (chunk: Buffer) => answer.body.push(chunk));
      stream.on("error", () => {});
      const done = (): void => resolve({ ...answer, body: Buffer.concat(answer.body) });
      stream.on("end", done);
      stream.on("close", done);
      for (const piece of pieces) stream.write(piece);
      if (options.open !== true) stream.end();
    });
  }

  /** As a machine that loses its power: no word of farewell. */
  vanish(): void {
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy();
  }
}

/** A request of the test service as it stands on the wire. */
export function sayFrame(text: string): Uint8Array {
  return frameMessage(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text })), false);
}
