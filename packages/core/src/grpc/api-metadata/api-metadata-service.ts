import type { Metadata } from "@kratosjs/protos/kratos/api/metadata_pb.js";
import { grpcFailure } from "../../errors/index.ts";
import { type AnyService, operationName, type ServiceImpl } from "../../rpc/index.ts";
import { fileWithImports } from "./file-with-imports.ts";

/**
 * Makes an implementation of kratos.api.Metadata that tells of `services`, asked anew for each call. Servers of
 * gRPC have their own; this one is to be registered where else it is wanted, on the REST side for one:
 *
 *     http.register(Metadata, apiMetadataService(() => [Greeter]));
 *
 * Ported from go-kratos/kratos v2.9.2 api/metadata/server.go; a file is answered once, not for each import.
 */
export function apiMetadataService(
  services: () => readonly AnyService[],
): ServiceImpl<typeof Metadata> {
  return {
    listServices() {
      const all = services();
      return {
        services: all.map(({ typeName }) => typeName).toSorted(),
        methods: all.flatMap(({ methods }) => methods.map(operationName)).toSorted(),
      };
    },
    getServiceDesc({ name }) {
      const service = services().find(({ typeName }) => typeName === name);
      if (service === undefined) throw grpcFailure("NOT_FOUND", `service ${name} not found`);
      return { fileDescSet: { file: [...fileWithImports(service.file)] } };
    },
  };
}
