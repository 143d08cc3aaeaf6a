import { Config } from "@kratosjs/core/config";
import { envSource } from "@kratosjs/core/config/env";
import { fileSource } from "@kratosjs/core/config/file";
import { type Bootstrap, BootstrapSchema } from "./gen/conf/v1/conf_pb.ts";

/** Reads a configuration file or folder; HELLOWORLD_HTTP_ADDR and HELLOWORLD_GRPC_ADDR fill its placeholders. */
export async function loadConfig(path: string): Promise<Bootstrap> {
  const config = new Config({
    sources: [envSource({ prefixes: ["HELLOWORLD_"] }), fileSource(path)],
  });
  try {
    await config.load();
    return config.scan(BootstrapSchema);
  } finally {
    await config.close();
  }
}
