import type { OutgoingHeaders } from "../contract.ts";
import { maxEncodedSize, writeHeaders } from "../hpack/encoder.ts";
import { flags, frameHeaderBytes, frameTypes } from "./frame-types.ts";
import type { Output } from "./output.ts";

/** Writes frames into an output. Knows layouts and nothing of states. */
export class FrameWriter {
  readonly #out: Output;
  /** SETTINGS_MAX_FRAME_SIZE of the peer. */
  maxFrameBytes = 16_384;
  /** A table size the peer wants to hear of at the next block, RFC 7541 section 4.2. */
  #tableSizeToTell: number | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  /** The peer made its table smaller; ours has no entries, but it waits to be told. */
  tellTableSize(bytes: number): void {
    this.#tableSizeToTell = Math.min(bytes, this.#tableSizeToTell ?? bytes);
  }

  settings(entries: readonly (readonly [id: number, value: number])[]): void {
    let at = this.#begin(frameTypes.settings, 0, { id: 0, length: entries.length * 6 });
    for (const [id, value] of entries) {
      this.#out.slab.writeUInt16BE(id, at);
      this.#out.slab.writeUInt32BE(value, at + 2);
      at += 6;
    }
    this.#out.commit(at);
  }

  settingsAck(): void {
    this.#out.commit(this.#begin(frameTypes.settings, flags.ack, { id: 0, length: 0 }));
  }

  /** Echoes or sends the eight bytes at `start`. */
  ping(bytes: Buffer, start: number, ack: boolean): void {
    const at = this.#begin(frameTypes.ping, ack ? flags.ack : 0, { id: 0, length: 8 });
    bytes.copy(this.#out.slab, at, start, start + 8);
    this.#out.commit(at + 8);
  }

  goaway(lastId: number, code: number, reason: string): void {
    const text = Buffer.from(reason.slice(0, 256), "latin1");
    const at = this.#begin(frameTypes.goaway, 0, { id: 0, length: 8 + text.length });
    this.#out.slab.writeUInt32BE(lastId, at);
    this.#out.slab.writeUInt32BE(code, at + 4);
    text.copy(this.#out.slab, at + 8);
    this.#out.commit(at + 8 + text.length);
  }

  reset(id: number, code: number): void {
    this.#word(frameTypes.rstStream, id, code);
  }

  windowUpdate(id: number, increment: number): void {
    this.#word(frameTypes.windowUpdate, id, increment);
  }

  /** HEADERS, and CONTINUATION where the block is longer than a frame. */
  headers(id: number, headers: OutgoingHeaders, endStream: boolean): void {
    const end = endStream ? flags.endStream : 0;
    if (
      "bytes" in headers &&
      this.#tableSizeToTell === undefined &&
      headers.bytes.length <= this.maxFrameBytes
    ) {
      const { bytes } = headers;
      const at = this.#begin(frameTypes.headers, flags.endHeaders | end, {
        id,
        length: bytes.length,
      });
      this.#out.slab.set(bytes, at);
      this.#out.commit(at + bytes.length);
      return;
    }
    this.#encodeHeaders(id, "bytes" in headers ? headers.fields : headers, end);
  }

  /** One DATA frame of at most the peer's frame size. */
  data(id: number, chunk: Uint8Array, endStream: boolean): void {
    const end = endStream ? flags.endStream : 0;
    this.#out.commit(this.#begin(frameTypes.data, end, { id, length: chunk.length }));
    if (chunk.length > 0) this.#out.append(chunk);
  }

  #encodeHeaders(id: number, fields: readonly string[], end: number): void {
    const at = this.#out.reserve(frameHeaderBytes + 6 + maxEncodedSize(fields));
    let behind = at + frameHeaderBytes;
    if (this.#tableSizeToTell !== undefined) {
      // Ours stays empty whatever the peer allows: a size of zero holds for good.
      this.#out.slab[behind] = 0x20;
      behind += 1;
      this.#tableSizeToTell = undefined;
    }
    behind = writeHeaders(fields, this.#out.slab, behind);
    const length = behind - at - frameHeaderBytes;
    if (length <= this.maxFrameBytes) {
      this.#prefix(at, frameTypes.headers, { flags: flags.endHeaders | end, id, length });
      this.#out.commit(behind);
      return;
    }
    this.#splitBlock(id, Buffer.from(this.#out.slab.subarray(at + frameHeaderBytes, behind)), end);
  }

  #splitBlock(id: number, block: Buffer, end: number): void {
    for (let from = 0; from < block.length; from += this.maxFrameBytes) {
      const piece = block.subarray(from, from + this.maxFrameBytes);
      const last = from + piece.length === block.length ? flags.endHeaders : 0;
      const type = from === 0 ? frameTypes.headers : frameTypes.continuation;
      const at = this.#begin(type, last | (from === 0 ? end : 0), { id, length: piece.length });
      piece.copy(this.#out.slab, at);
      this.#out.commit(at + piece.length);
    }
  }

  #word(type: number, id: number, word: number): void {
    const at = this.#begin(type, 0, { id, length: 4 });
    this.#out.slab.writeUInt32BE(word, at);
    this.#out.commit(at + 4);
  }

  /** Writes a frame's head with room for its payload behind it; answers where the payload begins. */
  #begin(type: number, frameFlags: number, frame: { id: number; length: number }): number {
    // A DATA payload is appended by itself, it may be large.
    const room = type === frameTypes.data ? 0 : frame.length;
    const at = this.#out.reserve(frameHeaderBytes + room);
    this.#prefix(at, type, { flags: frameFlags, ...frame });
    return at + frameHeaderBytes;
  }

  #prefix(at: number, type: number, frame: { flags: number; id: number; length: number }): void {
    const { slab } = this.#out;
    const { id, length } = frame;
    slab[at] = length >>> 16;
    slab[at + 1] = length >>> 8;
    slab[at + 2] = length;
    slab[at + 3] = type;
    slab[at + 4] = frame.flags;
    slab[at + 5] = id >>> 24;
    slab[at + 6] = id >>> 16;
    slab[at + 7] = id >>> 8;
    slab[at + 8] = id;
  }
}
