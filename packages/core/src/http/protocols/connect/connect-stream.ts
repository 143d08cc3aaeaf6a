import type { DescMethod } from "@bufbuild/protobuf";
import type { Context } from "../../../context/index.ts";
import { decodeUtf8 } from "../../../encoding/index.ts";
import { httpAnswerError } from "../../../errors/index.ts";
import type { Handler } from "../../../middleware/index.ts";
import { HeaderMap, readMetadata } from "../../../transport/index.ts";
import { operationName } from "../../../rpc/index.ts";
import { connectBroken, connectError } from "./connect-error.ts";
import { connectHeader } from "./connect-header.ts";
import { contentTypeError } from "../content-type-error.ts";
import { FrameSource } from "../frame-source.ts";
import type { HttpReply } from "../http-sender.ts";
import { isRecord } from "./json-object.ts";
import { messageFormat } from "../message-format.ts";
import type { ProtocolParts } from "../protocol.ts";
import { metadataOf } from "../reply-header.ts";
import type { OwnField } from "../request-header.ts";
import { type RpcReply, rpcStream } from "../rpc-stream.ts";

const endFlag = 2;

/** Composes the streaming calls of a method over the Connect protocol. */
export function connectStream(method: DescMethod, parts: ProtocolParts): Handler {
  const { codec, packing } = parts;
  const contentType = `application/connect+${codec.name}`;
  const own: readonly OwnField[] = [
    ["content-type", contentType],
    ["connect-protocol-version", "1"],
    ["connect-accept-encoding", packing?.accepted],
    ["connect-content-encoding", packing?.encoding],
  ];
  return rpcStream(method, {
    parts,
    path: operationName(method),
    format: messageFormat(method, codec),
    header: (ctx: Context) => connectHeader(ctx, parts, own),
    open: (reply) => {
      check(reply, contentType);
      const encoding = reply.header.get("connect-content-encoding");
      return new ConnectReply(reply, new FrameSource(reply, { parts, encoding, maxFlags: 3 }));
    },
  });
}

function check({ status, header }: HttpReply, wanted: string): void {
  if (status !== 200) throw httpAnswerError(status);
  const contentType = header.get("content-type");
  const [type = ""] = contentType.toLowerCase().split(";");
  if (type.trim() === wanted) return;
  throw contentTypeError(contentType, { isKnown: type.startsWith("application/connect+") });
}

class ConnectReply implements RpcReply {
  readonly header: HeaderMap;
  trailer: HeaderMap = new HeaderMap();
  readonly #frames: FrameSource;

  constructor(reply: HttpReply, frames: FrameSource) {
    this.header = metadataOf(reply.header);
    this.#frames = frames;
  }

  async next(): Promise<Uint8Array | undefined> {
    const frame = await this.#frames.next();
    if (frame === undefined) throw connectBroken("the stream ended without its last message");
    if ((frame.flags & endFlag) === 0) return frame.payload;
    this.#end(frame.payload);
    if ((await this.#frames.next()) !== undefined) {
      throw connectBroken("the stream has messages after its last one");
    }
    return undefined;
  }

  #end(payload: Uint8Array): void {
    const end = parseEnd(payload);
    const { error, metadata } = end;
    if (isRecord(metadata)) this.trailer = trailerOf(metadata);
    if (error !== undefined && error !== null) throw connectError(isRecord(error) ? error : {});
  }
}

function parseEnd(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const end: unknown = JSON.parse(decodeUtf8(payload));
    if (isRecord(end)) return end;
  } catch (cause) {
    throw connectBroken("the last message of the stream is no JSON", cause);
  }
  throw connectBroken("the last message of the stream is no object");
}

function trailerOf(metadata: Readonly<Record<string, unknown>>): HeaderMap {
  const fields: string[] = [];
  for (const [name, values] of Object.entries(metadata)) {
    if (!Array.isArray(values)) continue;
    for (const value of values) {
      if (typeof value === "string") fields.push(name.toLowerCase(), value);
    }
  }
  return readMetadata(fields);
}
