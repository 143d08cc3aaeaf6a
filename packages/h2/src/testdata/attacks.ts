import { encodeHeaders, errorCodes, type ServerSessionOptions, type StreamAcceptor } from "../index.ts";
import { frame, get, preface, RawPeer, request, settings, types, word } from "./raw-peer.ts";
import { pattern } from "./serving.ts";

/** Something a hostile client does on a connection of its own. */
export interface Attack {
  readonly name: string;
  /** Connects and does it; resolves when all has been sent, not when it has been refused. */
  readonly begin: (port: number) => Promise<RawPeer>;
  /** What GOAWAY says at the end of it; undefined for an attack that only a clock ends. */
  readonly refusal?: { readonly code: number; readonly text: string };
  /** @default {} */
  readonly options?: ServerSessionOptions;
}

/** An attack of many cheap frames: the same again and again. */
export interface Flood {
  readonly name: string;
  /** What is sent before. */
  readonly prelude?: Buffer;
  readonly make: (at: number) => Buffer;
  /** How many are taken when no time passes; the next one is refused. */
  readonly allowed: number;
  /** What GOAWAY says about the next one. */
  readonly text: string;
  /** Whether it is of the same kind as another one, and costs the same. @default {false} */
  readonly variant?: boolean;
}

const calm = errorCodes.enhanceYourCalm;
const large = pattern(100_000);
const ok = encodeHeaders([":status", "200"]);

const fields = (method: string, path: string): readonly string[] => [
  ":method", method, ":scheme", "http", ":path", path, ":authority", "a",
];
/** A request that `victim` keeps open without a word. */
export const held: Uint8Array = encodeHeaders(fields("POST", "/")).bytes;
/** A request that `victim` answers with a hundred thousand bytes. */
export const greedy: Uint8Array = encodeHeaders(fields("GET", "/large")).bytes;

/** Answers GET at once, "/large" at length, and holds the streams of POST open. */
export const victim: StreamAcceptor = (stream, headers) => {
  const long = headers.fields.includes("/large");
  // A copy, as an answer of its own would be.
  if (long) stream.respond(ok, Buffer.from(large), undefined);
  else if (headers.fields.includes("GET")) stream.respond(ok, Buffer.from("ok"), undefined);
  return { onData: (chunk) => stream.consume(chunk.length), onEnd() {}, onDrain() {}, onAbort() {} };
};

/** So many frames, one after the other. */
export function repeat(make: (at: number) => Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, at) => make(at)));
}

const pair = (at: number, make: (id: number) => Buffer): Buffer => {
  const id = at * 2 + 1;
  return Buffer.concat([get(id, { block: held }), make(id)]);
};
const openStream = get(1, { block: held, endStream: false });
const padding = Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]);
const weight = (on: number): Buffer => Buffer.concat([word(on), Buffer.from([7])]);

export const floods: readonly Flood[] = [
  {
    name: "a rapid reset (CVE-2023-44487)",
    make: (at) => pair(at, (id) => frame(types.rstStream, id, { payload: word(8) })),
    allowed: 1000,
    text: "RST_STREAM",
  },
  {
    name: "made-you-reset by WINDOW_UPDATE of zero",
    make: (at) => pair(at, (id) => frame(types.windowUpdate, id, { payload: word(0) })),
    allowed: 1000,
    text: "WINDOW_UPDATE",
  },
  {
    name: "made-you-reset by a window that overflows",
    variant: true,
    make: (at) => pair(at, (id) => frame(types.windowUpdate, id, { payload: word(0x7fff_ffff) })),
    allowed: 1000,
    text: "WINDOW_UPDATE",
  },
  {
    name: "made-you-reset by HEADERS on a half-closed stream",
    variant: true,
    make: (at) => pair(at, (id) => get(id)),
    allowed: 1000,
    text: "provoked reset",
  },
  {
    name: "made-you-reset by DATA on a half-closed stream",
    variant: true,
    make: (at) => pair(at, (id) => frame(types.data, id, { payload: Buffer.from("x") })),
    allowed: 1000,
    text: "provoked reset",
  },
  {
    name: "made-you-reset by PRIORITY of a wrong size",
    variant: true,
    make: (at) => pair(at, (id) => frame(types.priority, id, { payload: Buffer.alloc(4) })),
    // It pays for the frame and for the reset.
    allowed: 500,
    text: "PRIORITY",
  },
  {
    name: "made-you-reset by trailers without END_STREAM",
    variant: true,
    make: (at) => {
      const id = at * 2 + 1;
      const trailers = get(id, { endStream: false, block: Buffer.alloc(0) });
      return Buffer.concat([get(id, { block: held, endStream: false }), trailers]);
    },
    allowed: 1000,
    text: "provoked reset",
  },
  { name: "SETTINGS", make: () => settings([4, 65_535]), allowed: 1000, text: "SETTINGS" },
  {
    name: "SETTINGS full of windows",
    make: () => settings(...Array.from({ length: 2700 }, (_, at) => [4, at] as const)),
    // 338 cheap frames each.
    allowed: 2,
    text: "SETTINGS",
  },
  {
    name: "SETTINGS acknowledgements",
    make: () => frame(types.settings, 0, { flags: 1 }),
    // The first was due.
    allowed: 1001,
    text: "SETTINGS acknowledgement",
  },
  {
    name: "PING",
    make: () => frame(types.ping, 0, { payload: Buffer.alloc(8) }),
    allowed: 1000,
    text: "PING",
  },
  {
    name: "PING acknowledgements",
    make: () => frame(types.ping, 0, { flags: 1, payload: Buffer.alloc(8) }),
    allowed: 1000,
    text: "PING acknowledgement",
  },
  {
    name: "PRIORITY",
    make: (at) => frame(types.priority, at * 2 + 1, { payload: weight(0) }),
    allowed: 1000,
    text: "PRIORITY",
  },
  {
    name: "WINDOW_UPDATE",
    make: () => frame(types.windowUpdate, 0, { payload: word(1) }),
    allowed: 1000,
    text: "WINDOW_UPDATE",
  },
  { name: "unknown frames", make: () => frame(0x42, 0), allowed: 1000, text: "unknown frame" },
  {
    name: "GOAWAY",
    prelude: openStream,
    make: () => frame(types.goaway, 0, { payload: Buffer.alloc(8) }),
    allowed: 1000,
    text: "GOAWAY",
  },
  {
    name: "empty DATA",
    prelude: openStream,
    make: () => frame(types.data, 1),
    allowed: 1000,
    text: "empty DATA",
  },
  {
    name: "DATA of padding alone",
    prelude: openStream,
    make: () => frame(types.data, 1, { flags: 8, payload: padding }),
    allowed: 1000,
    text: "empty DATA",
  },
  {
    name: "empty HEADERS",
    make: (at) => get(at * 2 + 1, { block: Buffer.alloc(0) }),
    allowed: 1000,
    text: "refused stream",
  },
  {
    name: "CONTINUATION of one byte",
    prelude: frame(types.headers, 1, { payload: request }),
    make: () => frame(types.continuation, 1, { payload: Buffer.from("a") }),
    // 64 frames with HEADERS.
    allowed: 63,
    text: "in 64 frames",
  },
  {
    name: "empty CONTINUATION",
    prelude: frame(types.headers, 1, { payload: request }),
    make: () => frame(types.continuation, 1),
    allowed: 63,
    text: "in 64 frames",
  },
  {
    name: "CONTINUATION of 16 KiB",
    prelude: frame(types.headers, 1, { payload: request }),
    make: () => frame(types.continuation, 1, { payload: Buffer.alloc(16_384, 0x61) }),
    // 64 KiB with HEADERS.
    allowed: 3,
    text: "at most 65536 bytes",
  },
  {
    name: "an HPACK bomb",
    prelude: get(1, { block: bombEntry() }),
    make: (at) => get(at * 2 + 3, { block: bomb() }),
    // 16000 times 3938 bytes, each as dear as four hundred cheap frames.
    allowed: 2,
    text: "header list over the limit",
  },
];

/** Fills the table with one entry of 3.9 kB. */
function bombEntry(): Buffer {
  const name = Buffer.from("x-bomb");
  const length = Buffer.from([0x7f, 0xbd, 0x1d]);
  const head = Buffer.concat([request, Buffer.from([0x40, name.length])]);
  return Buffer.concat([head, name, length, Buffer.alloc(3900, 0x61)]);
}

/** Stands for 63 MB: the entry, one byte each time. */
function bomb(): Buffer {
  return Buffer.concat([request, Buffer.alloc(16_000, 0xbe)]);
}

/** A header block that empties the table, makes it large again and puts an entry of its own in. */
export function thrash(at: number): Buffer {
  const word = Buffer.from(String(1000 + (at % 9000)));
  const resize = Buffer.from([0x20, 0x3f, 0xe1, 0x1f]);
  const entry = Buffer.concat([Buffer.from([0x40, 4]), word, Buffer.from([4]), word]);
  return Buffer.concat([resize, request, entry]);
}

async function open(
  port: number,
  entry: readonly [number, number] = [4, 65_535],
): Promise<RawPeer> {
  const peer = await RawPeer.open(port, entry);
  peer.send(frame(types.settings, 0, { flags: 1 }));
  return peer;
}

const ofFloods: readonly Attack[] = floods.filter(({ variant }) => variant !== true).map(({ name, prelude, make, allowed, text }) => {
  // Three times what is taken: more than any refill of the seconds this may last.
  const begin = sender(() => [prelude ?? Buffer.alloc(0), repeat(make, allowed * 3 + 10)]);
  // Time that passes changes which frame of a pair is one too many.
  return { name, begin, refusal: { code: calm, text: name.startsWith("made-you") ? "cheap frames" : text } };
});

/** Sends the same on each connection, made once. */
function sender(
  make: () => readonly Buffer[],
  entry?: readonly [number, number],
): (port: number) => Promise<RawPeer> {
  let bytes: Buffer | undefined;
  return async (port) => {
    const peer = await open(port, entry);
    bytes ??= Buffer.concat(make());
    peer.send(bytes);
    return peer;
  };
}

/** One of each kind. */
export const attacks: readonly Attack[] = [
  ...ofFloods,
  {
    name: "streams beyond the limit",
    begin: sender(() => [repeat((at) => get(at * 2 + 1, { block: held }), 4100)]),
    refusal: { code: calm, text: "refused stream" },
  },
  {
    name: "HPACK table thrash",
    begin: sender(() => [repeat((at) => get(at * 2 + 1, { block: thrash(at) }), 3000)]),
  },
  {
    name: "huge padding",
    begin: sender(() => {
      const payload = Buffer.concat([Buffer.from([255, 1]), Buffer.alloc(255)]);
      return [openStream, repeat(() => frame(types.data, 1, { flags: 8, payload }), 3000)];
    }),
  },
  {
    name: "a window of zero",
    begin: sender(() => [repeat((at) => get(at * 2 + 1, { block: greedy }), 100)], [4, 0]),
  },
  {
    name: "a window of one byte at a time",
    begin: async (port) => {
      const peer = await open(port, [4, 1]);
      peer.send(get(1, { block: greedy }));
      peer.onFrame = ({ type }) => {
        if (type === types.data) peer.send(frame(types.windowUpdate, 1, { payload: word(1) }));
      };
      return peer;
    },
    refusal: { code: calm, text: "WINDOW_UPDATE" },
  },
  {
    name: "a slow preface",
    begin: async (port) => {
      const peer = await RawPeer.connect(port);
      peer.send(preface.subarray(0, 10));
      return peer;
    },
  },
  {
    name: "slow headers",
    begin: async (port) => {
      const peer = await open(port);
      peer.send(frame(types.headers, 1, { payload: request.subarray(0, 2) }));
      return peer;
    },
  },
  {
    name: "answers that are not read",
    begin: async (port) => {
      const peer = await open(port, [4, 0x7fff_ffff]);
      peer.send(frame(types.windowUpdate, 0, { payload: word(0x7fff_0000) }));
      peer.socket.pause();
      peer.send(repeat((at) => get(at * 2 + 1, { block: greedy }), 300));
      return peer;
    },
  },
];
