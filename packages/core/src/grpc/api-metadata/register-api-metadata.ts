import { Metadata } from "@kratosjs/protos/kratos/api/metadata_pb.js";
import type { ServiceRoutes } from "../server/service-routes.ts";
import { apiMetadataService } from "./api-metadata-service.ts";

/** Serves kratos.api.Metadata over all services of the server. A user's own implementation stays. */
export function registerApiMetadata(routes: ServiceRoutes): void {
  if (routes.has(Metadata)) return;
  routes.add(
    Metadata,
    apiMetadataService(() => routes.services),
    { builtIn: true },
  );
}
