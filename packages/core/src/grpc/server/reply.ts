import { frameMessage, framePrefixBytes } from "../../encoding/framing/index.ts";
import type { Compression } from "../../encoding/compression/index.ts";
import { type EncodedHeaders, encodeHeaders, type Stream } from "@kratosjs/h2";
import {
  GrpcCode,
  grpcFailure,
  type GrpcStatus,
  statusFields,
  toGrpcStatus,
} from "../../errors/index.ts";
import { type HeaderMap, writeMetadata } from "../../transport/index.ts";
import { resetCodes } from "../wire/reset-codes.ts";
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
  #over = false;
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
    const frame = encodeReply(this.#head, message, this.#scope);
    this.sendHeader();
    this.#scope.traffic.messagesSent += 1;
    const compression = this.#compressionFor(frame.length - framePrefixBytes);
    if (compression === undefined) return this.#stream.write(frame, false);
    return compression
      .compress(frame.subarray(framePrefixBytes))
      .then((packed) => this.#stream.write(frameMessage(packed, true), false));
  }

  /**
   * Sends the headers if they have not left yet; what is written to them later goes with the trailers.
   * @throws {KratosError} INTERNAL if the metadata cannot be sent.
   */
  sendHeader(): void {
    if (this.#sentHeader === undefined && !this.#over) this.#sendHeader();
  }

  /** Sends the only message and the end of a call that went well. */
  async whole(message: unknown): Promise<void> {
    await this.message(message);
    this.end();
  }

  /** Ends the call; with an error its status is that of `toGrpcStatus`. */
  end(error?: unknown): void {
    const status = error === undefined ? okStatus : toGrpcStatus(error);
    const { traffic } = this.#scope;
    if (status.code === GrpcCode.OK) traffic.succeeded += 1;
    else traffic.failed += 1;
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
    this.#over = true;
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
  const frame = head.format.frame(message as never); // the handler's type is known to the chain as unknown; encoding checks it
  const length = frame.length - framePrefixBytes;
  if (length > scope.maxSendMessageBytes) {
    throw grpcFailure(
      "RESOURCE_EXHAUSTED",
      `trying to send message larger than max (${length} vs. ${scope.maxSendMessageBytes})`,
    );
  }
  return frame;
}

/** Tells a peer whose answer is complete to send no more (RFC 9113 section 8.1). */
export function stopRequest(stream: Stream): void {
  if (!stream.closed) stream.reset(resetCodes.noError);
}
