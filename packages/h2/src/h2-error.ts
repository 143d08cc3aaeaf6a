/** Whether an error ends one stream or the whole connection. */
export type H2ErrorScope = "stream" | "connection";

export interface H2ErrorOptions {
  /** Error code of RFC 9113 section 7. */
  readonly code: number;
  readonly scope: H2ErrorScope;
  /** The rule that was broken, such as "RFC 9113 section 6.9.1", or the name of the attack. */
  readonly section: string;
  /** True when the peer said so (RST_STREAM, GOAWAY, a lost connection), false when this side did. @default {false} */
  readonly remote?: boolean;
  /** What led to it. @default none */
  readonly cause?: unknown;
  /**
   * Client only: true when the peer cannot have processed any of the stream (REFUSED_STREAM, or an id
   * above its GOAWAY), so that the request may be sent again. @default {false}
   */
  readonly unprocessed?: boolean;
}

/** Why a stream or a session ended, in the terms of RFC 9113. */
export class H2Error extends Error {
  override readonly name: string = "H2Error";
  /** Error code of RFC 9113 section 7. */
  readonly code: number;
  readonly scope: H2ErrorScope;
  /** The rule that was broken, such as "RFC 9113 section 6.9.1", or the name of the attack. */
  readonly section: string;
  /** True when the peer caused the end. */
  readonly remote: boolean;
  /** True when the peer cannot have processed any of the stream. */
  readonly unprocessed: boolean;

  constructor(message: string, options: H2ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.scope = options.scope;
    this.section = options.section;
    this.remote = options.remote ?? false;
    this.unprocessed = options.unprocessed ?? false;
  }
}
