import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { HttpServer } from "@kratosjs/core/http";
import type { Middleware } from "@kratosjs/core/middleware";
import type { ServiceImpl } from "@kratosjs/core";
import type { Server_HTTP } from "../gen/conf/v1/conf_pb.ts";
import { Greeter } from "../gen/helloworld/v1/greeter_pb.ts";

/** The REST side of the service. */
export function httpServer(conf: Server_HTTP | undefined, parts: ServerParts): HttpServer {
  const server = new HttpServer({ middleware: parts.middleware, ...fromConf(conf) });
  server.register(Greeter, parts.greeter);
  return server;
}

export interface ServerParts {
  readonly greeter: ServiceImpl<typeof Greeter>;
  readonly middleware: readonly Middleware[];
}

/** Only what the configuration says; the rest is the server's own default. */
export function fromConf(conf: { addr: string; timeout?: Duration | undefined } | undefined): {
  address?: string;
  timeoutMs?: number;
} {
  return {
    ...(conf?.addr ? { address: conf.addr } : {}),
    ...(conf?.timeout ? { timeoutMs: durationMs(conf.timeout) } : {}),
  };
}
