import type { ServiceImpl } from "../../rpc/index.ts";
import { GrpcServer } from "../server/grpc-server.ts";
import type { GrpcServerOptions } from "../server/grpc-server-options.ts";
import { nopLogger } from "../../log/index.ts";
import { Echo } from "./echo_pb.ts";

/** The plain behaviour of the test service. */
export const echo: ServiceImpl<typeof Echo> = {
  say: ({ text, data }) => ({ text, data }),
  async *repeat({ text, count }) {
    for (let at = 0; at < count; at += 1) yield { text: `${text} ${at}` };
  },
  async gather(requests) {
    const texts: string[] = [];
    for await (const { text } of requests) texts.push(text);
    return { text: texts.join(" ") };
  },
  async *chat(requests) {
    for await (const { text } of requests) yield { text };
  },
};

/** A server that runs, and what a test needs of it. */
export interface RunningServer extends AsyncDisposable {
  readonly server: GrpcServer;
  readonly port: number;
  /** "127.0.0.1:port" */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts the test service, with other behaviour where given. */
export async function startEcho(
  impl: Partial<ServiceImpl<typeof Echo>> = {},
  options: GrpcServerOptions = {},
): Promise<RunningServer> {
  const server = new GrpcServer({ address: "127.0.0.1:0", logger: nopLogger, ...options });
  server.register(Echo, { ...echo, ...impl });
  await server.start();
  const port = Number((await server.endpoint()).port);
  const stop = (): Promise<void> => server.stop(AbortSignal.timeout(2000));
  return {
    server,
    port,
    address: `127.0.0.1:${port}`,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
