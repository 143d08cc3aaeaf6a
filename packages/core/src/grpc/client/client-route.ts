import { grpcFailure } from "../../errors/index.ts";
import { acceptedEncodings, type Compression } from "../../encoding/compression/index.ts";
import { encodeHeaders, type OutgoingHeaders } from "@kratosjs/h2";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Codec } from "../../encoding/index.ts";
import { operationName } from "../../rpc/index.ts";
import { framePrefixBytes } from "../../encoding/framing/index.ts";
import { formatGrpcTimeout, type HeaderMap, writeMetadata } from "../../transport/index.ts";
import { type MessageFormat, messageFormat } from "../wire/message-format.ts";

export interface ClientRouteOptions {
  readonly codec: Codec;
  readonly compression: Compression | undefined;
  readonly compressMinBytes: number;
  readonly maxSendMessageBytes: number;
  readonly maxReceiveMessageBytes: number;
  readonly secure: boolean;
}

/** Header blocks kept for calls that differ in nothing: as many as there are nodes times usual deadlines. */
const maxKept = 64;

/** A method as a client calls it: everything that can be made before there is a call. */
export class ClientRoute {
  readonly method: DescMethod;
  readonly options: ClientRouteOptions;
  readonly format: MessageFormat;
  readonly #path: string;
  readonly #contentType: string;
  readonly #kept: Map<string, OutgoingHeaders> = new Map();
  #last: OutgoingHeaders | undefined;
  #lastTimeoutMs = 0;
  #lastAuthority = "";

  constructor(method: DescMethod, options: ClientRouteOptions) {
    this.method = method;
    this.options = options;
    this.format = messageFormat(options.codec, method.output, method.input);
    this.#path = operationName(method);
    const { name } = options.codec;
    this.#contentType = name === "proto" ? "application/grpc" : `application/grpc+${name}`;
  }

  /**
   * The headers of one call.
   * @throws {KratosError} INTERNAL if the metadata cannot be sent.
   */
  headers(authority: string, deadline: number | undefined, metadata: HeaderMap): OutgoingHeaders {
    // Whole milliseconds, so that most calls of a time limit have one header block.
    const timeoutMs = deadline === undefined ? Infinity : Math.ceil(deadline - Date.now());
    if (metadata.empty && timeoutMs === this.#lastTimeoutMs && authority === this.#lastAuthority) {
      if (this.#last !== undefined) return this.#last;
    }
    const timeout = deadline === undefined ? "" : formatGrpcTimeout(timeoutMs);
    if (!metadata.empty) {
      const fields = this.#fields(authority, timeout);
      writeMetadata(fields, metadata.entries());
      return fields;
    }
    const key = `${timeout} ${authority}`;
    const made = this.#kept.get(key) ?? encodeHeaders(this.#fields(authority, timeout));
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(key, made);
    this.#last = made;
    this.#lastTimeoutMs = timeoutMs;
    this.#lastAuthority = authority;
    return made;
  }

  /**
   * Encodes a request behind its prefix, not compressed.
   * @throws {KratosError} RESOURCE_EXHAUSTED if it is over the limit, INTERNAL if it cannot be encoded.
   */
  frame(request: unknown): Uint8Array {
    const frame = this.format.frame(request as never); // typed by Client; encoding checks it
    const { maxSendMessageBytes } = this.options;
    const length = frame.length - framePrefixBytes;
    if (length <= maxSendMessageBytes) return frame;
    throw grpcFailure(
      "RESOURCE_EXHAUSTED",
      `trying to send message larger than max (${length} vs. ${maxSendMessageBytes})`,
    );
  }

  /** How a request of this size is to be packed. */
  compressionFor(sizeBytes: number): Compression | undefined {
    const { compression, compressMinBytes } = this.options;
    return sizeBytes >= compressMinBytes ? compression : undefined;
  }

  #fields(authority: string, timeout: string): string[] {
    const { compression, secure } = this.options;
    const fields = [
      ":method",
      "POST",
      ":scheme",
      secure ? "https" : "http",
      ":path",
      this.#path,
      ":authority",
      authority,
      "te",
      "trailers",
      "content-type",
      this.#contentType,
      "user-agent",
      "grpc-kratos-ts/0.1.0",
      "grpc-accept-encoding",
      acceptedEncodings,
    ];
    if (compression !== undefined) fields.push("grpc-encoding", compression.name);
    if (timeout !== "") fields.push("grpc-timeout", timeout);
    return fields;
  }
}
