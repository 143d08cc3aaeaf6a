import {
  fieldValue,
  fromGrpcStatus,
  GrpcCode,
  grpcFailure,
  httpAnswerError,
  readStatus,
} from "../../../errors/index.ts";
import type { Context } from "../../../context/index.ts";
import { formatGrpcTimeout, HeaderMap, readMetadata } from "../../../transport/index.ts";
import { operationName } from "../../../rpc/index.ts";
import { contentTypeError } from "../content-type-error.ts";
import { FrameSource } from "../frame-source.ts";
import { Base64Reader, encodeBase64 } from "./base64-text.ts";
import { latin1 } from "./latin1.ts";
import type { HttpReply } from "../http-sender.ts";
import { messageFormat } from "../message-format.ts";
import type { Protocol, ProtocolParts } from "../protocol.ts";
import { fieldsOf, metadataOf } from "../reply-header.ts";
import { type OwnField, remainingMs, requestHeader } from "../request-header.ts";
import { type RpcReply, rpcStream } from "../rpc-stream.ts";

/** Settings of gRPC-Web. */
export interface GrpcWebProtocolOptions {
  /** Whether bodies are base64, for what stands between that only lets text through. @default {false} */
  readonly text?: boolean;
}

const trailerFlag = 0x80;

/** Calls methods by gRPC-Web, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md. */
export function grpcWebProtocol(options: GrpcWebProtocolOptions = {}): Protocol {
  const base = options.text === true ? "application/grpc-web-text" : "application/grpc-web";
  return (method, parts) => {
    const own = ownHeader(`${base}+${parts.codec.name}`, parts);
    return rpcStream(method, {
      parts,
      path: operationName(method),
      format: messageFormat(method, parts.codec),
      header: (ctx) => requestHeader(ctx, [...own, ["grpc-timeout", timeoutOf(ctx)]]),
      open: (reply) => openReply(reply, parts),
      ...(options.text === true && { wrap: encodeBase64 }),
    });
  };
}

function ownHeader(
  contentType: string,
  { packing, userAgent }: ProtocolParts,
): readonly OwnField[] {
  return [
    ["content-type", contentType],
    ["accept", contentType],
    ["x-grpc-web", "1"],
    ["x-user-agent", "grpc-kratos-ts/0.1.0"],
    ["grpc-encoding", packing?.encoding],
    ["grpc-accept-encoding", packing?.accepted],
    ["user-agent", userAgent],
  ];
}

function timeoutOf(ctx: Context): string | undefined {
  const timeoutMs = remainingMs(ctx);
  return timeoutMs === undefined ? undefined : formatGrpcTimeout(timeoutMs);
}

async function openReply(reply: HttpReply, parts: ProtocolParts): Promise<RpcReply> {
  const { status, header } = reply;
  const fields = fieldsOf(header);
  const hasStatus = fieldValue(fields, "grpc-status") !== undefined;
  if (status !== 200 && !hasStatus) throw httpAnswerError(status);
  const isText = checkContentType(header.get("content-type"), parts.codec.name);
  const encoding = header.get("grpc-encoding");
  const reader = isText ? new Base64Reader() : undefined;
  const frames = new FrameSource(reply, {
    parts,
    encoding,
    maxFlags: trailerFlag | 1,
    ...(reader !== undefined && { unwrap: (chunk: Uint8Array) => reader.push(chunk) }),
  });
  // A status among the headers counts only where there is nothing else.
  return hasStatus && (await frames.isEmpty())
    ? endedReply(header)
    : new GrpcWebReply(header, frames);
}

/** Whether bodies of this type are base64. @throws {KratosError} If the type is not what was asked for. */
function checkContentType(contentType: string, codec: string): boolean {
  const match = /^application\/grpc-web(-text)?(?:\+([a-z0-9._-]+))?\s*(?:;.*)?$/i.exec(
    contentType,
  );
  if (match === null || (match[2]?.toLowerCase() ?? "proto") !== codec)
    throw contentTypeError(contentType, { isKnown: match !== null });
  return match[1] !== undefined;
}

/** An answer that is nothing but its end: what is between has put headers and trailers into one. */
function endedReply(header: HeaderMap): RpcReply {
  return {
    header: metadataOf(header),
    trailer: metadataOf(header),
    next: async () => checkStatus(fieldsOf(header)),
  };
}

class GrpcWebReply implements RpcReply {
  readonly header: HeaderMap;
  trailer: HeaderMap = new HeaderMap();
  readonly #frames: FrameSource;

  constructor(header: HeaderMap, frames: FrameSource) {
    this.header = metadataOf(header);
    this.#frames = frames;
  }

  async next(): Promise<Uint8Array | undefined> {
    const frame = await this.#frames.next();
    if (frame === undefined) throw grpcFailure("INTERNAL", "the answer ended without trailers");
    if ((frame.flags & trailerFlag) === 0) return frame.payload;
    const fields = trailerFields(frame.payload);
    this.trailer = readMetadata(fields);
    checkStatus(fields);
    if ((await this.#frames.next()) !== undefined) {
      throw grpcFailure("INTERNAL", "the answer has messages after its trailers");
    }
    return undefined;
  }
}

function checkStatus(fields: readonly string[]): undefined {
  const status = readStatus(fields);
  if (status === undefined) throw grpcFailure("INTERNAL", "the answer ended without a grpc-status");
  if (status.code !== GrpcCode.OK) throw fromGrpcStatus(status);
}

/** Names and values by turns, of a block of header lines. */
function trailerFields(block: Uint8Array): string[] {
  const fields: string[] = [];
  for (const line of latin1.decode(block).split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0)
      fields.push(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}
