import { findCompression, type Compression } from "../../encoding/compression/index.ts";
import type { HeaderBlock } from "@kratosjs/h2";
import {
  fieldValue,
  fromGrpcStatus,
  GrpcCode,
  grpcFailure,
  httpAnswerError,
  type GrpcStatus,
  readStatus,
} from "../../errors/index.ts";
import { grpcSubtype } from "../wire/message-format.ts";
import { type HeaderMap, readMetadata } from "../../transport/index.ts";

/** Where the headers and trailers of an answer go. */
export interface ResponseSink {
  header(header: HeaderMap): void;
  trailer(trailer: HeaderMap): void;
}

/** What the headers of an answer say. */
export interface ResponseHead {
  readonly compression: Compression | undefined;
  readonly metadata: HeaderMap;
  /** Makes the error of an answer that is no gRPC server's; a new one for each call. */
  readonly failure: (() => Error) | undefined;
}

/** Reads the headers of an answer, once for a block that a peer repeats; undefined for an interim one (1xx). */
export function responseHead(headers: HeaderBlock): ResponseHead | undefined {
  const { parsed } = headers;
  if (parsed instanceof ParsedHead) return parsed;
  if (fieldValue(headers.fields, ":status")?.startsWith("1") === true) return undefined;
  const head = new ParsedHead(headers.fields);
  headers.parsed = head;
  return head;
}

class ParsedHead implements ResponseHead {
  readonly compression: Compression | undefined;
  readonly metadata: HeaderMap;
  readonly failure: (() => Error) | undefined;

  constructor(fields: readonly string[]) {
    this.metadata = readMetadata(fields);
    const encoding = fieldValue(fields, "grpc-encoding") ?? "identity";
    this.compression = findCompression(encoding);
    this.failure = headFailure(fields);
    if (this.failure === undefined && this.compression === undefined && encoding !== "identity") {
      this.failure = () =>
        grpcFailure("INTERNAL", `the answer has the unknown grpc-encoding "${encoding}"`);
    }
  }
}

function headFailure(fields: readonly string[]): (() => Error) | undefined {
  const status = fieldValue(fields, ":status") ?? "";
  const contentType = fieldValue(fields, "content-type") ?? "";
  if (status !== "200") {
    // A proxy may speak gRPC in an answer that is no 200; then the status is its own.
    if (fieldValue(fields, "grpc-status") !== undefined) return undefined;
    return () => httpAnswerError(status);
  }
  if (grpcSubtype(contentType) !== undefined) return undefined;
  return () => grpcFailure("UNKNOWN", `unexpected content-type "${contentType}"`);
}

/** How a call ended, from its last header block: the trailers, or headers without a body. */
export function endOfCall(last: HeaderBlock | undefined, headersOnly: boolean): Error | undefined {
  if (last === undefined) return grpcFailure("INTERNAL", "the answer ended without trailers");
  const status = knownStatus(last);
  if (status !== undefined) return status.code === GrpcCode.OK ? undefined : fromGrpcStatus(status);
  const http = fieldValue(last.fields, ":status") ?? "";
  if (headersOnly && http !== "200") {
    return httpAnswerError(http);
  }
  return grpcFailure("UNKNOWN", "the answer ended without a grpc-status");
}

/** The commonest trailers there are; known by their block. */
const okBlock = Symbol("grpc-status: 0");

function knownStatus(last: HeaderBlock): GrpcStatus | undefined {
  if (last.parsed === okBlock) return plainOk;
  const status = readStatus(last.fields);
  if (last.fields.length === 2 && status?.code === GrpcCode.OK) last.parsed = okBlock;
  return status;
}

/** Whether trailers hold nothing but that all went well. */
export function isPlainOk(trailers: HeaderBlock | undefined): boolean {
  return trailers?.parsed === okBlock;
}

const plainOk: GrpcStatus = { code: GrpcCode.OK, message: "", details: [] };
