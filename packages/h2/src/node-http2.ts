/**
 * The engine's contract over node:http2: the conservative choice for those who prefer nghttp2's years
 * to this package's speed. `headersTimeoutMs` does not apply, as node:http2 tells nothing of a header
 * block before its end. Fields of the same name are sent side by side; 128 of them are taken at most.
 *
 * It is as sound as the nghttp2 that Node carries: 1.61.0 (Node 20.20) can be brought to an assertion
 * that ends the process by a client that sends GOAWAY and then a frame that is not allowed.
 */
import { connect, performServerHandshake } from "node:http2";
import type { Engine } from "./contract.ts";
import { NodeWire, rawBlock } from "./node-http2/node-wire.ts";
import { H2Session } from "./session/h2-session.ts";
import { configure } from "./session/session-defaults.ts";
import { settingsOf } from "./session/session-settings.ts";

/** Makes an engine over node:http2, for `new GrpcServer({ engine })` and `new GrpcClient({ engine })`. */
export function nodeHttp2(): Engine {
  return {
    name: "node:http2",
    accept(socket, acceptor, options = {}) {
      // After a GOAWAY of nghttp2's own, node reads no more, not even that the peer has closed: ask.
      const config = configure({ keepaliveIntervalMs: 60_000, ...options }, true);
      // node:http2 does not look at the end of a socket: a peer that closes its side would never be gone.
      socket.allowHalfOpen = false;
      const node = performServerHandshake(socket, { settings: settingsOf(config) });
      return new H2Session(socket, config, (session) => {
        const wire = new NodeWire(session, node);
        // ceiling: the event of node:http2, whose types lack the raw headers it documents
        node.on("stream", (carrier, _headers, flags, ...[raw]: unknown[]) => {
          const stream = wire.accept(carrier, (flags & 1) !== 0);
          const listener = acceptor(stream, rawBlock(raw), stream.remoteEnded);
          if (!stream.closed) stream.listener = listener;
        });
        return wire;
      });
    },
    connect(socket, options = {}) {
      const config = configure(options, false);
      const settings = { ...settingsOf(config), enablePush: false };
      const node = connect("http://localhost", { createConnection: () => socket, settings });
      return new H2Session(socket, config, (session) => new NodeWire(session, node));
    },
  };
}
