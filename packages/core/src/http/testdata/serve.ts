import { connect, type Socket } from "node:net";
import { nopLogger } from "../../log/index.ts";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import { libraryService } from "./library-service.ts";
import { Library } from "./library_pb.js";

/** A server of the library on a free port, with what a test changes of its service. */
export interface Served {
  readonly server: HttpServer;
  /** "http://127.0.0.1:port" */
  readonly origin: string;
  /** "127.0.0.1:port" */
  readonly host: string;
}

const running: HttpServer[] = [];

/** A server that is not started: for `inject`. */
export function libraryServer(
  options: HttpServerOptions = {},
  own: Parameters<typeof libraryService>[0] = {},
): HttpServer {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, ...options });
  running.push(server);
  return server.register(Library, libraryService(own));
}

/** A server that listens. */
export async function serve(
  options: HttpServerOptions = {},
  own: Parameters<typeof libraryService>[0] = {},
): Promise<Served> {
  const server = libraryServer(options, own);
  await server.start();
  const { origin, host } = await server.endpoint();
  return { server, origin, host };
}

/** Ends all servers of a test. */
export async function stopServers(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop(AbortSignal.abort())));
}

/** Sends bytes to a server and answers all it says until it closes, or until `isEnough` of what it said. */
export function speak(
  host: string,
  text: string,
  isEnough: (said: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dial(host);
    let said = "";
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      if (isEnough(said)) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(said));
    socket.write(text);
  });
}

/** A bare connection to a server. */
export function dial(host: string): Socket {
  const { hostname, port } = new URL(`http://${host}`);
  return connect(Number(port), hostname);
}

/** A promise and the means to settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T>(): Deferred<T> {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}
