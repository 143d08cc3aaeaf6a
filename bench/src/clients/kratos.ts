import { createClient } from "@kratosjs/core";
import { GrpcClient } from "@kratosjs/core/grpc";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { Echo } from "../gen/bench/v1/echo_pb.ts";
import { drive } from "./drive.ts";

setDefaultLogger(nopLogger);
await drive((port) => {
  const client = createClient(Echo, new GrpcClient({ endpoint: `127.0.0.1:${port}` }));
  return (text) => client.echo({ text });
});
