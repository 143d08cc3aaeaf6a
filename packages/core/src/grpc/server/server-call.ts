import type { DescMethod } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { type Header, HeaderMap, serverTransport, type Transport } from "../../transport/index.ts";
import { type Compression, findCompression } from "../wire/compression.ts";
import { SharedHeader } from "../wire/shared-header.ts";
import type { RequestHead } from "./request-head.ts";
import type { ServerScope } from "./server-scope.ts";

/** One call as its middleware sees it. What nobody looks at is never made. */
export class ServerCall implements Transport {
  readonly #head: RequestHead;
  readonly #scope: ServerScope;
  #requestHeader: Header | undefined;
  #replyHeader: HeaderMap | undefined;
  #replyTrailer: HeaderMap | undefined;
  #asked: string | undefined;

  constructor(head: RequestHead, scope: ServerScope) {
    this.#head = head;
    this.#scope = scope;
  }

  get kind(): string {
    return "grpc";
  }

  get endpoint(): string {
    return this.#scope.endpoint;
  }

  get operation(): string {
    return this.#head.route.operation.name;
  }

  get method(): DescMethod {
    return this.#head.route.operation.method;
  }

  get requestHeader(): Header {
    this.#requestHeader ??= new SharedHeader(this.#head.metadata);
    return this.#requestHeader;
  }

  get replyHeader(): HeaderMap {
    this.#replyHeader ??= new HeaderMap();
    return this.#replyHeader;
  }

  get replyTrailer(): HeaderMap {
    this.#replyTrailer ??= new HeaderMap();
    return this.#replyTrailer;
  }

  /** Whether the answer needs more than the header blocks made ahead. */
  get plain(): boolean {
    return (
      (this.#replyHeader === undefined || this.#replyHeader.empty) &&
      (this.#replyTrailer === undefined || this.#replyTrailer.empty) &&
      this.compression === undefined
    );
  }

  /** How the reply is to be packed, where the caller reads it. */
  get compression(): Compression | undefined {
    const { compression } = this.#scope;
    if (this.#asked === undefined && compression === undefined) return undefined;
    const chosen = this.#asked === undefined ? compression : findCompression(this.#asked);
    const wanted = chosen === "mirror" ? this.#head.compression : chosen;
    return wanted !== undefined && this.#head.accepts(wanted.name) ? wanted : undefined;
  }

  /** Whether a message of this size is worth it; one that was asked for always is. */
  compresses(sizeBytes: number): boolean {
    return this.#asked !== undefined || sizeBytes >= this.#scope.compressMinBytes;
  }

  askCompression(name: string): void {
    this.#asked = name;
  }
}

/** The trailers of the gRPC call being answered; undefined outside one. What is written there is sent with its end. */
export function replyTrailer(context: Context): Header | undefined {
  const call = serverTransport(context);
  return call instanceof ServerCall ? call.replyTrailer : undefined;
}

/**
 * Packs the messages sent from now on with this compression, "identity" for none, whatever the
 * server's own setting; a caller that does not read it gets them as they are. To be called before
 * the first message if it is to compress any. Does nothing outside a gRPC call.
 */
export function compressReply(context: Context, name: "gzip" | "deflate" | "identity"): void {
  const call = serverTransport(context);
  if (call instanceof ServerCall) call.askCompression(name);
}
