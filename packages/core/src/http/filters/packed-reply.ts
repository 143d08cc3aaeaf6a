import type { Transform } from "node:stream";
import type { Answer, AnswerHead, Exchange } from "../wire/exchange.ts";
import { answerLine, varyBy, withoutLines } from "./answer-fields.ts";
import { type ContentCoding, createPacker, pack } from "./content-coding.ts";

/** What of answers is packed, and how. */
export interface PackingPlan {
  /** Undefined where the peer wants the content as it is. */
  readonly coding: ContentCoding | undefined;
  readonly minBytes: number;
  readonly isCompressible: (contentType: string) => boolean;
}

/** The answering side of an exchange: packs what the plan says and leaves the rest as it is. */
export class PackedReply {
  /** Who writes to node's own messages would pass this by. */
  readonly node: undefined = undefined;
  readonly #below: Exchange;
  readonly #plan: PackingPlan;
  #packer: Transform | undefined;
  #packing: Promise<void> | undefined;
  #destroyed = false;

  constructor(below: Exchange, plan: PackingPlan) {
    this.#below = below;
    this.#plan = plan;
  }

  get answered(): boolean {
    return this.#packing !== undefined || this.#below.answered;
  }

  /** Resolves when an answer that is being packed has been sent. */
  get packed(): Promise<void> {
    return this.#packing ?? Promise.resolve();
  }

  reply(answer: Answer): void {
    this.#mustBeUnanswered();
    const { body } = answer;
    const coding = body === undefined ? undefined : this.#codingFor(answer, sizeOf(body));
    const head = this.#isMine(answer) ? this.#varied(answer) : answer;
    if (coding === undefined || body === undefined) return this.#below.reply(head);
    this.#packing = this.#sendPacked({ ...head, body }, coding);
  }

  begin(given: AnswerHead): void {
    this.#mustBeUnanswered();
    const length = answerLine(this.#below, given, "content-length");
    const coding = this.#codingFor(given, length === undefined ? Infinity : Number(length));
    const head = this.#isMine(given) ? this.#varied(given) : given;
    if (coding === undefined) return this.#below.begin(head);
    this.#below.begin(this.#packedHead(head, coding));
    this.#packer = this.#startPacker(coding);
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#packer === undefined) return this.#below.write(chunk);
    // A piece without anything in it would be flushed as if it had.
    return this.#below.closed || chunk.length === 0 || this.#packer.write(chunk);
  }

  drained(): Promise<void> {
    const packer = this.#packer;
    if (packer === undefined) return this.#below.drained();
    if (this.#below.closed || !packer.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      packer.once("drain", resolve);
      packer.once("close", resolve);
    });
  }

  end(): void {
    if (this.#packer === undefined) this.#below.end();
    else this.#packer.end();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#packer?.destroy();
    this.#below.destroy();
  }

  /** Whether the answer could have been packed for another peer, which caches have to know. */
  #isMine(head: AnswerHead): boolean {
    const { status } = head;
    if (status < 200 || status === 204 || status === 206 || status === 304) return false;
    const below = this.#below;
    const isCoded = answerLine(below, head, "content-encoding") !== undefined;
    if (isCoded || answerLine(below, head, "content-range") !== undefined) return false;
    if (/\bno-transform\b/i.test(answerLine(below, head, "cache-control") ?? "")) return false;
    return this.#plan.isCompressible(answerLine(below, head, "content-type") ?? "");
  }

  #codingFor(head: AnswerHead, size: number): ContentCoding | undefined {
    const { coding, minBytes } = this.#plan;
    if (coding === undefined || size < minBytes || this.#below.method === "HEAD") return undefined;
    return this.#isMine(head) ? coding : undefined;
  }

  #varied<Head extends AnswerHead>(head: Head): Head {
    return varyBy(this.#below, head, "Accept-Encoding");
  }

  #packedHead(head: AnswerHead, coding: ContentCoding): AnswerHead {
    const etag = answerLine(this.#below, head, "etag");
    const left = ["content-length", "etag", "accept-ranges"];
    const headers = [...withoutLines(head.headers ?? [], left), "Content-Encoding", coding];
    for (const name of left) this.#below.replyHeader.delete(name);
    // The bytes differ by coding, so a strong tag would not be true.
    if (etag !== undefined) headers.push("ETag", etag.startsWith("W/") ? etag : `W/${etag}`);
    return { status: head.status, headers };
  }

  async #sendPacked(
    answer: Answer & { body: Uint8Array | string },
    coding: ContentCoding,
  ): Promise<void> {
    const body = await pack(coding, answer.body);
    if (this.#below.closed || this.#destroyed) return;
    this.#below.reply({ ...this.#packedHead(answer, coding), body });
  }

  #startPacker(coding: ContentCoding): Transform {
    const below = this.#below;
    const packer = createPacker(coding);
    packer.on("data", (chunk: Buffer) => {
      if (below.write(chunk)) return;
      packer.pause();
      void below.drained().then(() => packer.resume());
    });
    packer.on("end", () => below.end());
    packer.on("error", () => below.destroy());
    below.onClose(() => packer.destroy());
    return packer;
  }

  #mustBeUnanswered(): void {
    if (this.#packing === undefined && this.#packer === undefined) return;
    throw new TypeError("Cannot answer as an exchange must be answered once: its answer has begun");
  }
}

function sizeOf(body: Uint8Array | string): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}
