import { createRegistry } from "@bufbuild/protobuf";
import type { Codec } from "@kratosjs/core/encoding";
import { jsonCodec } from "@kratosjs/core/encoding/json";
import { protoCodec } from "@kratosjs/core/encoding/proto";
import { file_connectrpc_conformance_v1_service } from "../gen/connectrpc/conformance/v1/service_pb.ts";

/** Protobuf. */
export const proto: Codec = protoCodec();

/** JSON, in which the messages of the suite may stand in a google.protobuf.Any. */
export const json: Codec = jsonCodec({
  registry: createRegistry(file_connectrpc_conformance_v1_service),
});
