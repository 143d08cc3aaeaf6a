/** How the messages of a connection are packed, with what its peers are offered. */
export interface Packing {
  /** What requests are packed with; "" for nothing. */
  readonly encoding: string;
  /** What answers may be packed with, the preferred first, as a header lists it. */
  readonly accepted: string;
  /** Packs a body or a message; undefined for one that goes out as it is. */
  pack(bytes: Uint8Array): Promise<Uint8Array> | undefined;
  /**
   * Finds what undoes an encoding; undefined for one that was not offered. It fails with
   * RESOURCE_EXHAUSTED over the connection's limit.
   */
  unpacker(encoding: string): Unpack | undefined;
}

/** Undoes an encoding. */
export type Unpack = (bytes: Uint8Array) => Promise<Uint8Array>;
