import type { DescMethod } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import { type Handler, isAsyncIterable } from "../../middleware/index.ts";
import type { HeaderMap } from "../../transport/index.ts";
import { envelope, EnvelopedBody } from "./enveloped-body.ts";
import type { HttpReply, HttpRequest } from "./http-sender.ts";
import type { MessageFormat } from "./message-format.ts";
import type { ProtocolParts } from "./protocol.ts";
import { noteHeader, noteTrailer } from "./reply-header.ts";
import { checkEnded, type ReplySource, ReplyStream } from "./reply-stream.ts";
import { rpcFailure } from "./rpc-failure.ts";
import { joined } from "./whole-body.ts";

/** An answer of messages in frames. */
export interface RpcReply {
  /** The metadata the answer began with. */
  readonly header: HeaderMap;
  /** The metadata it ended with; empty before its end. */
  readonly trailer: HeaderMap;
  /** The next message; undefined at the end. Rejects with the error the answer ends with. */
  next(): Promise<Uint8Array | undefined>;
}

/** What the protocols with frames differ in. */
export interface RpcStreamForm {
  readonly parts: ProtocolParts;
  readonly path: string;
  readonly format: MessageFormat;
  header(ctx: Context): HeaderMap;
  /** Reads the head of an answer. @throws {KratosError} If it is none of the protocol. */
  open(reply: HttpReply): RpcReply | Promise<RpcReply>;
  /** Makes a piece of a body of a frame. @default the frame itself */
  wrap?(frame: Uint8Array): Uint8Array;
}

/** Composes the calls of a method by a protocol with frames, of any kind. */
export function rpcStream({ methodKind }: DescMethod, form: RpcStreamForm): Handler {
  const isOne = methodKind === "unary" || methodKind === "client_streaming";
  return async (request, ctx) => {
    const call = new RpcCall(form, ctx);
    await call.begin(request);
    if (!isOne) return new ReplyStream(call);
    return onlyOf(new ReplyStream(call));
  };
}

class RpcCall implements ReplySource {
  readonly ctx: Context;
  readonly #form: RpcStreamForm;
  #body: EnvelopedBody | undefined;
  #http: HttpReply | undefined;
  #reply: RpcReply | undefined;

  constructor(form: RpcStreamForm, ctx: Context) {
    this.#form = form;
    this.ctx = ctx;
  }

  /** Sends the request, and waits for the head of the answer. */
  async begin(request: unknown): Promise<void> {
    const { sender } = this.#form.parts;
    try {
      this.#http = await sender.send(await this.#request(request), this.ctx);
    } catch (error) {
      throw this.#failure(error);
    }
    try {
      this.#reply = await this.#form.open(this.#http);
      noteHeader(this.ctx, this.#reply.header);
    } catch (error) {
      this.#http.end(error);
      throw this.#failure(error);
    }
  }

  async pull(): Promise<unknown> {
    try {
      checkEnded(this.ctx);
      const bytes = await this.#reply?.next();
      return bytes === undefined ? undefined : this.#form.format.decode(bytes);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  finish(error?: unknown): void {
    this.#http?.end(error);
    if (this.#reply !== undefined) noteTrailer(this.ctx, this.#reply.trailer);
  }

  async #request(request: unknown): Promise<HttpRequest> {
    const { path } = this.#form;
    const header = this.#form.header(this.ctx);
    const body = isAsyncIterable(request) ? this.#stream(request) : this.#write(request);
    return { method: "POST", path, header, body: await body };
  }

  #stream(requests: AsyncIterable<unknown>): EnvelopedBody | Promise<Uint8Array> {
    this.#body = new EnvelopedBody(requests, (message) => this.#write(message));
    return this.#form.parts.sender.streamsRequests ? this.#body : gathered(this.#body);
  }

  async #write(message: unknown): Promise<Uint8Array> {
    const frame = await envelope(message, this.#form);
    return this.#form.wrap?.(frame) ?? frame;
  }

  /** A call whose requests failed has failed by that, whatever the wire made of it. */
  #failure(error: unknown): Error {
    return rpcFailure(this.#body?.failure ?? error);
  }
}

/** The one message of a stream. @throws {KratosError} UNIMPLEMENTED if there is none, or more. */
async function onlyOf(replies: ReplyStream): Promise<unknown> {
  const first = await replies.next();
  if (first.done === true) throw wrongCount("none");
  const second = await replies.next();
  if (second.done === true) return first.value;
  await replies.return();
  throw wrongCount("more");
}

function wrongCount(count: string): Error {
  return grpcFailure("UNIMPLEMENTED", `the answer must have one message: it has ${count}`);
}

/** A body in one piece, for wires that cannot send it as it comes. */
async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return joined(chunks);
}
