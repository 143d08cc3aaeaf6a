import { create } from "@bufbuild/protobuf";
import { type Status, StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import { KratosError } from "./kratos-error.ts";

/** The error as the message that is the body of an HTTP error answer. The cause stays behind. */
export function toStatusMessage(error: KratosError): Status {
  const { code, reason, message, metadata } = error;
  return create(StatusSchema, { code, reason, message, metadata: { ...metadata } });
}

/** The error that an HTTP error answer carries; `code` is the status line's, which wins over the body's. */
export function fromStatusMessage(status: Status, code: number): KratosError {
  const { reason, message, metadata } = status;
  return new KratosError(message, { code, reason, metadata });
}
