import { findCompression, type Compression } from "../../encoding/compression/index.ts";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Session, Stream } from "@kratosjs/h2";
import type { Context } from "../../context/index.ts";
import { type Header, HeaderMap, serverTransport } from "../../transport/index.ts";
import { SharedHeader } from "../wire/shared-header.ts";
import { Reply } from "./reply.ts";
import type { GrpcTransport } from "./grpc-transport.ts";
import type { RequestHead } from "./request-head.ts";
import type { ServerScope } from "./server-scope.ts";

/** One call as its middleware sees it. What nobody looks at is never made. */
export class ServerCall implements GrpcTransport {
  readonly #stream: Stream;
  readonly #head: RequestHead;
  readonly #scope: ServerScope;
  #requestHeader: Header | undefined;
  #replyHeader: HeaderMap | undefined;
  #replyTrailer: HeaderMap | undefined;
  #asked: string | undefined;
  #reply: Reply | undefined;

  constructor(stream: Stream, head: RequestHead, scope: ServerScope) {
    this.#stream = stream;
    this.#head = head;
    this.#scope = scope;
  }

  get kind(): "grpc" {
    return "grpc";
  }

  get endpoint(): string {
    return this.#scope.endpoint;
  }

  get operation(): string {
    return this.#head.route.operation;
  }

  get method(): DescMethod | undefined {
    return this.#head.route.method;
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

  get session(): Session {
    return this.#stream.session;
  }

  /** What it is answered with. */
  get reply(): Reply {
    this.#reply ??= new Reply(this.#stream, { head: this.#head, call: this, scope: this.#scope });
    return this.#reply;
  }

  sendHeader(): void {
    this.reply.sendHeader();
  }

  /** Whether the answer needs no more than the header blocks made ahead. */
  get plain(): boolean {
    return (
      this.#reply === undefined &&
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

/**
 * Packs the messages sent from now on with this compression, "identity" for none, whatever the
 * server's own setting; a caller that does not read it gets them as they are. To be called before
 * the first message if it is to compress any. Does nothing outside a gRPC call.
 */
export function compressReply(context: Context, name: "gzip" | "deflate" | "identity"): void {
  const call = serverTransport(context);
  if (call instanceof ServerCall) call.askCompression(name);
}
