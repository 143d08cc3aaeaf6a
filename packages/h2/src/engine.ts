import type { Engine } from "./contract.ts";
import { FrameWire } from "./session/frame-wire.ts";
import { H2Session } from "./session/h2-session.ts";
import { configure } from "./session/session-defaults.ts";

/** Makes the engine: HTTP/2 on plain sockets, RFC 9113 and RFC 7541. */
export function engine(): Engine {
  return {
    name: "kratos",
    accept: (socket, acceptor, options = {}) =>
      new H2Session(
        socket,
        configure(options, true),
        (session) => new FrameWire(session, acceptor),
      ),
    connect: (socket, options = {}) =>
      new H2Session(socket, configure(options, false), (session) => new FrameWire(session)),
  };
}
