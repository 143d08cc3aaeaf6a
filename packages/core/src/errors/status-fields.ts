import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { GrpcCode } from "./grpc-code.ts";
import { decodeGrpcStatus, encodeGrpcStatus, type GrpcStatus } from "./grpc-status.ts";
import { decodePercent, encodePercent } from "./percent.ts";

/** Bytes of header a peer can be trusted to take: most refuse lists above 8 or 16 KiB. */
const maxMessageBytes = 4096;
const maxDetailsBytes = 8192;

/**
 * The fields of a call's end. Details that would not fit into headers are dropped from the last one
 * on, the ErrorInfo at last; a long message is cut.
 */
export function statusFields(status: GrpcStatus): string[] {
  const fields = ["grpc-status", String(status.code)];
  const message = cutEncoded(encodePercent(status.message));
  if (message !== "") fields.push("grpc-message", message);
  const details = encodeDetails(status);
  if (details !== undefined) fields.push("grpc-status-details-bin", details);
  return fields;
}

function cutEncoded(text: string): string {
  if (text.length <= maxMessageBytes) return text;
  // Not through the middle of an escape.
  return text.slice(0, maxMessageBytes).replace(/%[0-9A-F]?$/, "");
}

function encodeDetails(status: GrpcStatus): string | undefined {
  const message = status.message.slice(0, maxMessageBytes / 4);
  for (let count = status.details.length; count > 0; count -= 1) {
    const details = status.details.slice(0, count);
    const sizeBytes = details.reduce((sum, detail) => sum + detail.value.length, 0);
    if (sizeBytes > maxDetailsBytes) continue;
    const bytes = encodeGrpcStatus({
      code: status.code,
      message: status.message.length <= maxMessageBytes ? status.message : message,
      details,
    });
    if (bytes.length <= maxDetailsBytes + maxMessageBytes) {
      return base64Encode(bytes, "std_raw");
    }
  }
  return undefined;
}

/** Finds the value of a field; undefined when it is not there. */
export function fieldValue(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] === name) return fields[at + 1];
  }
  return undefined;
}

/** Reads a call's end; undefined when the fields say nothing of it. */
export function readStatus(fields: readonly string[]): GrpcStatus | undefined {
  const text = fieldValue(fields, "grpc-status");
  if (text === undefined) return undefined;
  const code = /^\d{1,10}$/.test(text) ? Number(text) : GrpcCode.UNKNOWN;
  if (code === GrpcCode.OK) return okStatus;
  const message = decodePercent(fieldValue(fields, "grpc-message") ?? "");
  return { code, message, details: readDetails(fieldValue(fields, "grpc-status-details-bin")) };
}

const okStatus: GrpcStatus = { code: GrpcCode.OK, message: "", details: [] };

function readDetails(text: string | undefined): GrpcStatus["details"] {
  if (text === undefined) return [];
  try {
    return decodeGrpcStatus(base64Decode(text)).details;
  } catch {
    return []; // malformed details must not hide the status
  }
}
