import { flags, type Frame, types } from "./frame.ts";
import type { Outcome } from "./outcome.ts";

/** Two classes of outcome for the same bytes, ours and that of node:http2. */
interface Pair {
  readonly ours: string;
  readonly theirs: string;
}

/** A difference RFC 9113 allows, or a fault of the other side. */
interface Difference {
  readonly reason: string;
  readonly holds: (pair: Pair, sent: readonly Frame[]) => boolean;
}

const isError = (what: string): boolean => what.startsWith("error");
const goesOn = (what: string): boolean => what === "open" || what === "waiting";

const connectionDifferences: readonly Difference[] = [
  {
    reason:
      "Both gave up: which of the rules that were broken is named is free, and node:http2 says INTERNAL_ERROR for most (RFC 9113 section 5.4.1)",
    holds: ({ ours, theirs }) => isError(ours) && isError(theirs),
  },
  {
    reason:
      "Neither names an error: GOAWAY is what a side sends that has something to say (section 6.8)",
    holds: ({ ours, theirs }) =>
      ["cut", "goaway"].includes(ours) && ["cut", "goaway"].includes(theirs),
  },
  {
    reason:
      "After the peer's GOAWAY ours is gone with the last stream, and reads nothing more (section 6.8)",
    holds: ({ ours }, sent) => ours === "cut" && sent.some(({ type }) => type === types.goaway),
  },
  {
    reason:
      "A frame on a stream that has ended: an error of the stream or of the connection (section 5.1)",
    holds: ({ ours, theirs }) => goesOn(ours) && theirs === "error STREAM_CLOSED",
  },
  {
    reason:
      "A PRIORITY of the wrong length: an error of the stream, which may be taken for one of the connection (sections 5.4.1, 6.3)",
    holds: ({ ours, theirs }, sent) =>
      goesOn(ours) &&
      theirs === "error FRAME_SIZE_ERROR" &&
      sent.some(({ type, payload }) => type === types.priority && payload.length !== 5),
  },
  {
    reason: "A frame that never came whole: nghttp2 judges its header, ours the frame",
    holds: ({ ours, theirs }) => ours === "waiting" && isError(theirs),
  },
  {
    reason: "A CONTINUATION that is too long: nghttp2 looks at its length last",
    holds: ({ ours, theirs }) => ours === "error FRAME_SIZE_ERROR" && theirs === "waiting",
  },
  {
    reason:
      "nghttp2 takes the last of several values of a setting; each of them must be valid (section 6.5.3)",
    holds: ({ ours, theirs }, sent) =>
      isError(ours) && !isError(theirs) && sent.some(repeatsSetting),
  },
  {
    reason:
      "A stream that depends on itself: refused by RFC 7540 section 5.3.1, ignored by nghttp2 as RFC 9113 has no priorities",
    holds: ({ ours, theirs }, sent) =>
      ours === "error PROTOCOL_ERROR" && !isError(theirs) && sent.some(dependsOnItself),
  },
  {
    reason:
      "nghttp2 does not look at the padding of frames for streams that are gone (section 6.1 asks for it)",
    holds: ({ ours, theirs }, sent) =>
      ours === "error PROTOCOL_ERROR" &&
      !isError(theirs) &&
      sent.some(({ type, flags: set }) => type <= types.headers && (set & flags.padded) !== 0),
  },
  {
    reason:
      "nghttp2 ignores a request whose id is below an earlier one (section 5.1.1 asks for an error)",
    holds: ({ ours, theirs }, sent) =>
      ours === "error PROTOCOL_ERROR" && !isError(theirs) && sent.some(isBelowAnother),
  },
  {
    reason:
      "Further HEADERS on a stream that has ended: an error or, after a reset, to be ignored (section 5.1)",
    holds: ({ ours, theirs }, sent) =>
      (goesOn(ours) || ours === "error STREAM_CLOSED") &&
      (goesOn(theirs) || theirs === "error INTERNAL_ERROR") &&
      sent.some(opensAgain),
  },
  {
    reason:
      "After the peer's GOAWAY node:http2 reads nothing more once no stream is open (section 6.8)",
    holds: ({ theirs }, sent) =>
      theirs === "goaway" && sent.some(({ type }) => type === types.goaway),
  },
  {
    reason:
      "A GOAWAY that names a stream no server could have opened: nghttp2 refuses it, no rule asks for that",
    holds: ({ ours, theirs }, sent) =>
      goesOn(ours) && theirs === "error INTERNAL_ERROR" && sent.some(namesStream),
  },
  {
    reason:
      "A window update that is 0 or too large for a stream that has ended: node:http2 gives the connection up",
    holds: ({ ours, theirs }, sent) =>
      goesOn(ours) &&
      theirs === "error INTERNAL_ERROR" &&
      sent.some(({ type, id }) => type === types.windowUpdate && id !== 0),
  },
  {
    reason:
      "node:http2 ends a connection that acknowledges a SETTINGS or a PING it was not sent; no rule forbids it",
    holds: ({ ours, theirs }, sent) =>
      goesOn(ours) &&
      theirs === "error INTERNAL_ERROR" &&
      sent.some(
        ({ type, flags: set }) =>
          [types.settings, types.ping].some((one) => one === type) && (set & flags.ack) !== 0,
      ),
  },
  {
    reason:
      "nghttp2 knows the settings of RFC 8441 and RFC 9218, which are 0 or 1; ours has neither and ignores them (section 6.5.2)",
    holds: ({ ours, theirs }, sent) =>
      !isError(ours) && theirs === "error INTERNAL_ERROR" && sent.some(setsExtension),
  },
];

const streamDifferences: readonly Difference[] = [
  {
    reason:
      "nghttp2 drops a regular field that is malformed where section 8.1.1 refuses the request, and lets :authority have user information and differ from host (section 8.3.1)",
    holds: ({ ours, theirs }) =>
      ours === "reset PROTOCOL_ERROR" && ["answered", "begun", "nothing"].includes(theirs),
  },
  {
    reason:
      "nghttp2 takes one content-length, and heeds it in trailers; repeated alike it is valid, in trailers it means nothing (RFC 9110 sections 6.5.1, 8.6)",
    holds: ({ theirs }, sent) => theirs === "reset PROTOCOL_ERROR" && repeatsContentLength(sent),
  },
  {
    reason:
      "nghttp2 asks for an authority whatever the scheme is; section 8.3.1 does for http and https",
    holds: ({ theirs }, sent) => theirs === "reset PROTOCOL_ERROR" && hasOwnScheme(sent),
  },
  {
    reason: "A frame on a stream that has ended: ours says so, nghttp2 may ignore it (section 5.1)",
    holds: ({ ours, theirs }) => ours === "reset STREAM_CLOSED" || theirs === "reset STREAM_CLOSED",
  },
  {
    reason: "Both refused it: which of the broken rules is named is free",
    holds: ({ ours, theirs }) => ours.startsWith("reset") && theirs.startsWith("reset"),
  },
  {
    reason: "How much of an answer is on its way when the windows change depends on the moment",
    holds: ({ ours, theirs }, sent) =>
      ours !== theirs &&
      ["answered", "begun"].includes(ours) &&
      ["answered", "begun"].includes(theirs) &&
      sent.some(({ type }) => type === types.settings || type === types.windowUpdate),
  },
];

/** Says how two outcomes differ beyond what is known; undefined when they do not. */
export function differenceOf(
  ours: Outcome,
  theirs: Outcome,
  sent: readonly Frame[],
): string | undefined {
  const fault = ours.fault ?? theirs.fault;
  if (fault !== undefined) return `a fault: ${fault}`;
  if (ours.connection !== theirs.connection) {
    const pair = { ours: ours.connection, theirs: theirs.connection };
    return isKnown(connectionDifferences, pair, sent)
      ? undefined
      : `the connection: ${pair.ours} | ${pair.theirs}`;
  }
  // What had been said about the streams when the connection broke depends on the moment.
  if (isError(ours.connection) || ours.connection === "cut") return undefined;
  for (const id of new Set([...ours.streams.keys(), ...theirs.streams.keys()])) {
    const pair = {
      ours: ours.streams.get(id) ?? "nothing",
      theirs: theirs.streams.get(id) ?? "nothing",
    };
    // An answer may or may not have left before the client's reset came.
    // nghttp2 judges a header block before it is whole; a client that is leaving should begin none.
    const unsure =
      (pair.ours === "nothing" && ours.connection === "waiting") ||
      sent.some(({ type }) => type === types.goaway);
    const wasReset = sent.some(
      (frame) => frame.type === types.rstStream && (frame.id & 0x7fff_ffff) === id,
    );
    if (
      pair.ours !== pair.theirs &&
      !wasReset &&
      !unsure &&
      !isKnown(streamDifferences, pair, sent)
    )
      return `a stream: ${pair.ours} | ${pair.theirs}`;
  }
  return undefined;
}

function isKnown(differences: readonly Difference[], pair: Pair, sent: readonly Frame[]): boolean {
  return differences.some(({ holds }) => holds(pair, sent));
}

/** SETTINGS_ENABLE_CONNECT_PROTOCOL or SETTINGS_NO_RFC7540_PRIORITIES of more than 1. */
function setsExtension({ type, payload }: Frame): boolean {
  if (type !== types.settings) return false;
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    if ([8, 9].includes(payload.readUInt16BE(at)) && payload.readUInt32BE(at + 2) > 1) return true;
  }
  return false;
}

function repeatsSetting({ type, payload }: Frame): boolean {
  if (type !== types.settings) return false;
  const ids = Array.from({ length: Math.floor(payload.length / 6) }, (_, at) =>
    payload.readUInt16BE(at * 6),
  );
  return new Set(ids).size < ids.length;
}

function dependsOnItself({ type, id, flags: set, payload }: Frame): boolean {
  const at = type === types.headers && (set & flags.padded) !== 0 ? 1 : 0;
  const has = type === types.priority || (type === types.headers && (set & flags.priority) !== 0);
  return has && payload.length >= at + 4 && (payload.readUInt32BE(at) & 0x7fff_ffff) === id;
}

function isBelowAnother({ type, id }: Frame, at: number, sent: readonly Frame[]): boolean {
  return (
    type === types.headers &&
    sent.slice(0, at).some((before) => before.type === types.headers && before.id > id)
  );
}

function opensAgain({ type, id }: Frame, at: number, sent: readonly Frame[]): boolean {
  return (
    type === types.headers &&
    sent.slice(0, at).some((before) => before.type === types.headers && before.id === id)
  );
}

/** Whether content-length comes twice, or in a case with trailers; entry 28 of the static table by name. */
function repeatsContentLength(sent: readonly Frame[]): boolean {
  const count = countOf(Buffer.concat(sent.map(blockFragment)), "0f0d");
  return count > 1 || (count === 1 && sent.some(opensAgain));
}

function namesStream({ type, payload }: Frame): boolean {
  return type === types.goaway && payload.length >= 8 && payload.readUInt32BE(0) !== 0;
}

/** Whether a request has a scheme of its own, as the cases spell it. */
function hasOwnScheme(sent: readonly Frame[]): boolean {
  return Buffer.concat(sent.map(blockFragment)).includes("x-scheme");
}

function countOf(bytes: Buffer, hex: string): number {
  const text = Buffer.from(hex, "hex");
  let count = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) count += 1;
  return count;
}

/** What a frame adds to a header block: no padding, no priority. */
function blockFragment({ type, flags: set, payload }: Frame): Buffer {
  if (type === types.continuation) return payload;
  if (type !== types.headers) return Buffer.alloc(0);
  const padding = (set & flags.padded) !== 0 ? (payload[0] ?? 0) : -1;
  const start = (padding >= 0 ? 1 : 0) + ((set & flags.priority) !== 0 ? 5 : 0);
  return payload.subarray(start, payload.length - Math.max(0, padding));
}
