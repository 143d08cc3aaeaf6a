import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { GrpcCode, KratosError } from "../../errors/index.ts";

/** What calls end with that a server cuts as it stops: another instance may be asked at once. */
export function stoppingError(): KratosError {
  return new KratosError("the server is stopping", {
    code: 503,
    grpcCode: GrpcCode.UNAVAILABLE,
    details: [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: {} }))],
  });
}
