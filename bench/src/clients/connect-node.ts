import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Echo } from "../gen/bench/v1/echo_pb.ts";
import { drive } from "./drive.ts";

await drive((port) => {
  const client = createClient(Echo, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  return (text) => client.echo({ text });
});
