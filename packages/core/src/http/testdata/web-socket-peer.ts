import { type ClientOptions, type RawData, WebSocket } from "ws";

/** What a peer saw: text as it is, binary in angle brackets, and the end. */
export interface PeerEnd {
  readonly frames: readonly string[];
  readonly code: number;
  readonly reason: string;
}

/** A bare WebSocket client that notes what it sees. */
export interface Peer {
  readonly socket: WebSocket;
  /** Resolves with the next frame, in their order. */
  next(): Promise<string>;
  /** Resolves when the connection has closed. */
  readonly end: Promise<PeerEnd>;
}

/** Opens a WebSocket. Rejects when it is refused. */
export function openPeer(url: string, options: ClientOptions = {}): Promise<Peer> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  const frames: string[] = [];
  let read = 0;
  let wake = (): void => {};
  socket.on("message", (data: RawData, isBinary) => {
    const bytes = data as Buffer; // the default of ws
    frames.push(isBinary ? `<${bytes.toString("hex")}>` : bytes.toString());
    wake();
  });
  const end = new Promise<PeerEnd>((resolve) => {
    socket.on("close", (code, reason) => resolve({ frames, code, reason: reason.toString() }));
  });
  const next = async (): Promise<string> => {
    while (frames.length <= read) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    read += 1;
    return frames[read - 1] ?? "";
  };
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => resolve({ socket, next, end }));
  });
}

/** The answer of a server that refuses the handshake. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Opens a WebSocket that is to be refused. */
export function refusedPeer(url: string, options: ClientOptions = {}): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on("open", () => reject(new Error("it was accepted")));
    socket.on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
  });
}
