import { attack } from "./fault.ts";

/** A header block on its way in pieces: HEADERS and its CONTINUATIONs. */
export class HeaderAssembly {
  readonly id: number;
  readonly endStream: boolean;
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(id: number, endStream: boolean, maxBytes: number) {
    this.id = id;
    this.endStream = endStream;
    this.#maxBytes = maxBytes;
  }

  /** @throws {H2Error} If the block is longer than the list it could stand for, or comes in too many pieces. */
  add(bytes: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#bytes > this.#maxBytes || this.#pieces.length >= 64) {
      throw attack(
        "CONTINUATION flood",
        `Cannot take a header block as it must be at most ${this.#maxBytes} bytes in 64 frames: it is longer (RFC 9113 section 10.5.1)`,
      );
    }
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
  }

  whole(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
