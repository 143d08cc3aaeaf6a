/**
 * The engine's contract over node:http2: the conservative choice for those who prefer nghttp2's years
 * to this package's speed.
 *
 * `headersTimeoutMs` does not apply, as node:http2 tells nothing of a header block before its end.
 * Header fields of the same name are sent side by side; 128 of them are taken at most.
 *
 * It is as sound as the nghttp2 that Node carries: 1.61.0 (Node 20.20) can be brought to an assertion
 * that ends the process by a client that sends GOAWAY and then a frame that is not allowed.
 */
import { connect, performServerHandshake } from "node:http2";
import type { Duplex } from "node:stream";
import type {
  ClientSession,
  Engine,
  ServerSessionOptions,
  Session,
  SessionOptions,
  StreamAcceptor,
} from "./contract.ts";
import { rawBlock } from "./node-http2/field-object.ts";
import { NodeSession } from "./node-http2/node-session.ts";
import { configure, type SessionConfig } from "./session/session-defaults.ts";

/** Milliseconds of silence after which a server without keepalive of its own asks. */
const deadAfterMs = 60_000;

/** Makes an engine over node:http2, for `new GrpcServer({ engine })` and `new GrpcClient({ engine })`. */
export function nodeHttp2(): Engine {
  return { name: "node:http2", accept, connect: open };
}

function accept(
  socket: Duplex,
  acceptor: StreamAcceptor,
  options: ServerSessionOptions = {},
): Session {
  const config = configure(options, true);
  // After a GOAWAY of nghttp2's own, node reads no more, not even that the peer has closed.
  const keepaliveIntervalMs = config.keepaliveIntervalMs || deadAfterMs;
  const settings = { ...settingsOf(config), maxConcurrentStreams: config.maxConcurrentStreams };
  // node:http2 does not look at the end of a socket: a peer that closes its side would never be gone.
  socket.allowHalfOpen = false;
  const node = performServerHandshake(socket, { settings });
  const session = new NodeSession(node, socket, { ...config, keepaliveIntervalMs });
  // The raw headers are an argument node:http2 documents and its types lack.
  // ceiling: the signature of the event of node:http2
  node.on("stream", (peer, _headers, flags, ...[raw]: unknown[]) => {
    const endStream = (flags & 1) !== 0;
    const stream = session.add(peer);
    stream.listener = acceptor(stream, rawBlock(raw), endStream);
  });
  return session;
}

function open(socket: Duplex, options: SessionOptions = {}): ClientSession {
  const config = configure(options, false);
  const settings = { ...settingsOf(config), enablePush: false };
  const node = connect("http://localhost", { createConnection: () => socket, settings });
  return new NodeSession(node, socket, config);
}

function settingsOf(config: SessionConfig): { readonly [name: string]: number } {
  return {
    initialWindowSize: config.initialWindowBytes,
    maxFrameSize: config.maxFrameBytes,
    maxHeaderListSize: config.maxHeaderListBytes,
    headerTableSize: config.headerTableBytes,
  };
}
