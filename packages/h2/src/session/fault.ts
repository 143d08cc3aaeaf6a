import { errorCodes } from "../error-codes.ts";
import { H2Error, type H2ErrorOptions } from "../h2-error.ts";

type CodeName = keyof typeof errorCodes;

/** A breach of the protocol that ends the connection. */
export function connectionFault(code: CodeName, section: string, what: string): H2Error {
  return new H2Error(what, {
    code: errorCodes[code],
    scope: "connection",
    section: `RFC 9113 section ${section}`,
  });
}

/** A breach of the protocol that ends one stream. */
export function streamFault(code: CodeName, section: string, what: string): H2Error {
  return streamError(what, {
    code: errorCodes[code],
    scope: "stream",
    section: `RFC 9113 section ${section}`,
  });
}

/** A header block that breaks a rule, which the text says: ends its stream. */
export function malformed(fault: string): H2Error {
  const what = `Cannot take a header block as it must be well formed: it has ${fault}`;
  return streamFault("protocolError", "8.1.1", what);
}

/** An attack, by its name: ends the connection with ENHANCE_YOUR_CALM. */
export function attack(name: string, what: string): H2Error {
  return new H2Error(what, {
    code: errorCodes.enhanceYourCalm,
    scope: "connection",
    section: name,
  });
}

/** A stream's end by RST_STREAM, of the peer or of this side. */
export function streamReset(code: number, remote: boolean): H2Error {
  const who = remote ? "the peer" : "this side";
  const unprocessed = remote && code === errorCodes.refusedStream;
  const section = "RFC 9113 section 6.4";
  return streamError(`stream reset by ${who} with code ${code}`, {
    code,
    scope: "stream",
    section,
    remote,
    unprocessed,
  });
}

/** A request that this session cannot make: it goes away, or the peer takes no more at a time. */
export function noMoreStreams(): H2Error {
  return new H2Error("Cannot open a stream as the session takes no more", {
    code: errorCodes.refusedStream,
    scope: "stream",
    section: "RFC 9113 section 5.1.2",
    unprocessed: true,
  });
}

/** An end by this side's own fault: a callback that threw. */
export function internalError(cause: unknown): H2Error {
  const section = "RFC 9113 section 7";
  return new H2Error("internal error", {
    code: errorCodes.internalError,
    scope: "connection",
    section,
    cause,
  });
}

/** An end of the connection that the peer announced or brought about. */
export function remoteEnd(
  message: string,
  options: { code: number; section: string; cause?: Error | undefined },
): H2Error {
  const { code, section, cause } = options;
  const common = {
    code,
    scope: "connection",
    section: `RFC 9113 section ${section}`,
    remote: true,
  } as const;
  return new H2Error(message, cause === undefined ? common : { ...common, cause });
}

/** An end as time ran out. */
export function late(what: string, code: CodeName, section: string): H2Error {
  return new H2Error(`Cannot go on as time ran out: ${what} (RFC 9113 section ${section})`, {
    code: errorCodes[code],
    scope: "connection",
    section: what,
  });
}

/** A stream above the id of the peer's GOAWAY, which it will not look at. */
export function passedOver(code: number, reason: string): H2Error {
  return streamError(`the peer is going away: ${reason}`, {
    code,
    scope: "stream",
    section: "RFC 9113 section 6.8",
    remote: true,
    unprocessed: true,
  });
}

/** Without a stack: that would show this package alone, and costs ten times what the peer's frame does. */
function streamError(message: string, options: H2ErrorOptions): H2Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new H2Error(message, options);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
