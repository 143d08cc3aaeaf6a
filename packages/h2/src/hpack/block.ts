import type { HeaderBlock } from "../contract.ts";

/** A decoded header block, with what the session has found out about it. */
export class Block implements HeaderBlock {
  readonly fields: readonly string[];
  parsed: unknown = undefined;
  /** Names and values plus 32 bytes a field, as in RFC 9113 section 6.5.2. */
  readonly listBytes: number;
  /** What is wrong with it as a request, response or trailers; undefined until asked, "" for nothing. */
  requestFault: string | undefined = undefined;
  responseFault: string | undefined = undefined;
  trailersFault: string | undefined = undefined;
  /** Of the content-length field; -1 when there is none. Set with the faults. */
  contentLength = -1;

  constructor(fields: readonly string[], listBytes: number) {
    this.fields = Object.freeze(fields);
    this.listBytes = listBytes;
  }
}
