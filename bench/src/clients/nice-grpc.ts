import { create } from "@bufbuild/protobuf";
import { createChannel, createClient } from "nice-grpc";
import { echoDefinition } from "../echo-definition.ts";
import { EchoRequestSchema } from "../gen/bench/v1/echo_pb.ts";
import { drive } from "./drive.ts";

await drive((port) => {
  const client = createClient(echoDefinition, createChannel(`127.0.0.1:${port}`));
  return (text) => client.echo(create(EchoRequestSchema, { text }));
});
