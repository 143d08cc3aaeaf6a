import { type EncodedHeaders, encodeHeaders, type Stream } from "@kratosjs/h2";
import { GrpcCode, type GrpcStatus, toGrpcStatus } from "../../errors/index.ts";
import type { HeaderMap } from "../../transport/index.ts";
import type { Compression } from "../wire/compression.ts";
import { frameMessage } from "../wire/frame.ts";
import { grpcFailure } from "../wire/grpc-failure.ts";
import { resetCodes } from "../wire/http-status.ts";
import { writeMetadata } from "../wire/metadata-fields.ts";
import { statusFields } from "../wire/status-fields.ts";
import type { RequestHead } from "./request-head.ts";
import type { ServerCall } from "./server-call.ts";
import type { ServerScope } from "./server-scope.ts";

let ok: EncodedHeaders | undefined;

/** The trailers of a call that went well and has nothing to add. */
export function okTrailers(): EncodedHeaders {
  ok ??= encodeHeaders(["grpc-status", "0"]);
  return ok;
}

const okStatus: GrpcStatus = { code: GrpcCode.OK, message: "", details: [] };

/** What one call sends: headers before the first message, messages, trailers. */
export class Reply {
  readonly #stream: Stream;
  readonly #head: RequestHead;
  readonly #call: ServerCall;
  readonly #scope: ServerScope;
  #sentHeader: ReadonlyMap<string, readonly string[]> | undefined;
  #compression: Compression | undefined;

  constructor(stream: Stream, parts: ReplyParts) {
    this.#stream = stream;
    this.#head = parts.head;
    this.#call = parts.call;
    this.#scope = parts.scope;
  }

  /**
   * Sends one message; false when the peer has to make room first.
   * @throws {KratosError} RESOURCE_EXHAUSTED if it is over the limit, INTERNAL if it cannot be encoded.
   */
  message(message: unknown): boolean | Promise<boolean> {
    const bytes = encodeReply(this.#head, message, this.#scope);
    if (this.#sentHeader === undefined) this.#sendHeader();
    const compression = this.#compressionFor(bytes.length);
    if (compression === undefined) return this.#stream.write(frameMessage(bytes, false), false);
    return compression
      .compress(bytes)
      .then((packed) => this.#stream.write(frameMessage(packed, true), false));
  }

  /** Sends the only message and the end of a call that went well. */
  async whole(message: unknown): Promise<void> {
    await this.message(message);
    this.end();
  }

  /** Ends the call; with an error its status is that of `toGrpcStatus`. */
  end(error?: unknown): void {
    const status = error === undefined ? okStatus : toGrpcStatus(error);
    const stream = this.#stream;
    let trailers: string[];
    try {
      if (this.#sentHeader === undefined && !this.#call.replyHeader.empty) this.#sendHeader();
      trailers = statusFields(status);
      writeMetadata(trailers, this.#lateHeader());
      writeMetadata(trailers, this.#call.replyTrailer.entries());
    } catch (invalid) {
      trailers = statusFields(toGrpcStatus(error ?? invalid));
    }
    if (this.#sentHeader === undefined) {
      const { contentType } = this.#head.format;
      stream.sendHeaders([":status", "200", "content-type", contentType, ...trailers], true);
    } else {
      stream.sendHeaders(trailers, true);
    }
    stopRequest(stream);
  }

  #compressionFor(sizeBytes: number): Compression | undefined {
    const wanted = this.#compression !== undefined && this.#call.compression !== undefined;
    return wanted && this.#call.compresses(sizeBytes) ? this.#compression : undefined;
  }

  #sendHeader(): void {
    const fields = [":status", "200", "content-type", this.#head.format.contentType];
    this.#compression = this.#call.compression;
    if (this.#compression !== undefined) fields.push("grpc-encoding", this.#compression.name);
    const { replyHeader } = this.#call;
    writeMetadata(fields, replyHeader.entries());
    this.#stream.sendHeaders(fields, false);
    this.#sentHeader = new Map(replyHeader.entries());
  }

  /** What was written to the reply header after it had left: sent as trailers rather than lost. */
  #lateHeader(): readonly (readonly [string, readonly string[]])[] {
    const sent = this.#sentHeader;
    if (sent === undefined) return [];
    return newEntries(this.#call.replyHeader, sent);
  }
}

export interface ReplyParts {
  readonly head: RequestHead;
  readonly call: ServerCall;
  readonly scope: ServerScope;
}

function newEntries(
  header: HeaderMap,
  sent: ReadonlyMap<string, readonly string[]>,
): readonly (readonly [string, readonly string[]])[] {
  return [...header.entries()]
    .map(([name, values]) => {
      const before = sent.get(name) ?? [];
      return [name, values.filter((value) => !before.includes(value))] as const;
    })
    .filter(([, values]) => values.length > 0);
}

/**
 * Encodes a reply.
 * @throws {KratosError} RESOURCE_EXHAUSTED if it is over the limit, INTERNAL if it cannot be encoded.
 */
export function encodeReply(head: RequestHead, message: unknown, scope: ServerScope): Uint8Array {
  const bytes = head.format.encode(message as never); // the handler's type is known to the chain as unknown; encoding checks it
  if (bytes.length > scope.maxSendMessageBytes) {
    throw grpcFailure(
      "RESOURCE_EXHAUSTED",
      `trying to send message larger than max (${bytes.length} vs. ${scope.maxSendMessageBytes})`,
    );
  }
  return bytes;
}

/** Tells a peer whose answer is complete to send no more (RFC 9113 section 8.1). */
export function stopRequest(stream: Stream): void {
  if (!stream.closed) stream.reset(resetCodes.noError);
}
