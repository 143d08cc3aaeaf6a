import { create } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { echoDefinition } from "../echo-definition.ts";
import { type EchoReply, EchoRequestSchema } from "../gen/bench/v1/echo_pb.ts";
import { drive } from "./drive.ts";

const { path, requestSerialize, responseDeserialize } = echoDefinition.echo;
await drive((port) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return (text) =>
    new Promise<EchoReply>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        create(EchoRequestSchema, { text }),
        (error, reply) => {
          if (reply === undefined) reject(error ?? new Error("grpc-js answered nothing"));
          else resolve(reply);
        },
      );
    });
});
