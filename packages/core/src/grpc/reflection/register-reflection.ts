import { create } from "@bufbuild/protobuf";
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "@kratosjs/protos/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflection as ServerReflectionAlpha,
  type ServerReflectionRequest as AlphaRequest,
  ServerReflectionResponseSchema as AlphaResponseSchema,
} from "@kratosjs/protos/grpc/reflection/v1alpha/reflection_pb.js";
import { mapStream } from "../../rpc/index.ts";
import type { ServiceRoutes } from "../server/service-routes.ts";
import { DescriptorIndex } from "./descriptor-index.ts";
import { reflect, type Reflected } from "./reflect.ts";

/** Serves reflection, v1 and v1alpha, over all services of the server. A user's own implementation stays. */
export function registerReflection(routes: ServiceRoutes): void {
  const reflected: Reflected = {
    index: new DescriptorIndex(() => routes.services.map((service) => service.file)),
    serviceNames: () => routes.services.map(({ typeName }) => typeName).toSorted(),
  };
  const builtIn = { builtIn: true };
  if (!routes.has(ServerReflection)) {
    routes.add(
      ServerReflection,
      { serverReflectionInfo: (asked) => answers(asked, reflected) },
      builtIn,
    );
  }
  if (!routes.has(ServerReflectionAlpha)) {
    routes.add(
      ServerReflectionAlpha,
      { serverReflectionInfo: (asked) => alphaAnswers(asked, reflected) },
      builtIn,
    );
  }
}

function answers(
  requests: AsyncIterable<ServerReflectionRequest>,
  reflected: Reflected,
): AsyncIterable<ReturnType<typeof create<typeof ServerReflectionResponseSchema>>> {
  const sent = new Set<string>();
  return mapStream(requests, (request) =>
    create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: reflect(request.messageRequest, reflected, sent),
    }),
  );
}

function alphaAnswers(
  requests: AsyncIterable<AlphaRequest>,
  reflected: Reflected,
): AsyncIterable<ReturnType<typeof create<typeof AlphaResponseSchema>>> {
  const sent = new Set<string>();
  return mapStream(requests, (request) =>
    create(AlphaResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: reflect(request.messageRequest, reflected, sent),
    }),
  );
}
