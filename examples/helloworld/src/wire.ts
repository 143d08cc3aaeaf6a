import { App, type AppOptions, localRegistry } from "@kratosjs/core";
import type { Logger } from "@kratosjs/core/log";
import { GreeterUsecase } from "./biz/greeter.ts";
import { peopleInMemory } from "./data/people.ts";
import type { Bootstrap } from "./gen/conf/v1/conf_pb.ts";
import { grpcServer } from "./server/grpc.ts";
import { httpServer } from "./server/http.ts";
import { serverMiddleware } from "./server/middleware.ts";
import { greeterService } from "./service/greeter.ts";

/** Puts the application together from its configuration, by hand: each layer gets what it needs. */
export function wireApp(conf: Bootstrap, logger: Logger, options: AppOptions = {}): App {
  const usecase = new GreeterUsecase(peopleInMemory(), conf.data?.salutation ?? "Hello");
  const parts = { greeter: greeterService(usecase), middleware: serverMiddleware(logger) };
  return new App({
    name: "helloworld",
    version: "v1.0.0",
    logger,
    servers: [httpServer(conf.server?.http, parts), grpcServer(conf.server?.grpc, parts)],
    registrar: localRegistry(),
    ...options,
  });
}
