import { statusFields, toGrpcStatus } from "../../errors/index.ts";
import { isReservedName } from "../../transport/index.ts";
import type { CallEnd } from "../enveloped/envelope-wire.ts";

/** Makes the trailers of a call, its status first: names and values in turn. */
export function grpcWebEnd({ error, trailers }: CallEnd): string[] {
  const fields = error === undefined ? ["grpc-status", "0"] : statusFields(toGrpcStatus(error));
  for (let at = 0; at + 1 < trailers.length; at += 2) {
    const name = trailers[at] ?? "";
    if (!isReservedName(name)) fields.push(name, trailers[at + 1] ?? "");
  }
  return fields;
}
