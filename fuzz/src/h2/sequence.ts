import type { Random } from "../random.ts";
import { flags, type Frame, types, word } from "./frame.ts";
import { requestBlock, trailerBlock } from "./header-block.ts";

const settingValues: readonly number[] = [
  0, 1, 100, 4096, 16_384, 65_535, 16_777_215, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];
const errorCodes: readonly number[] = [0, 1, 2, 7, 8, 11, 99];

/** Makes the frames of a connection, most of them as a well-behaved client would send them. */
export function sequence(random: Random, odds: number): Frame[] {
  const frames: Frame[] = [settings(random, odds)];
  if (random.chance(0.5))
    frames.push({ type: types.settings, flags: flags.ack, id: 0, payload: Buffer.alloc(0) });
  let nextId = 1;
  const turns = 1 + random.below(5);
  for (let turn = 0; turn < turns; turn += 1) {
    if (random.chance(0.65)) {
      frames.push(...exchange(random, nextId, odds));
      nextId += random.chance(0.9) ? 2 : 4;
    } else {
      frames.push(control(random, Math.max(1, nextId - 2), odds));
    }
  }
  return frames;
}

/** A request: headers in one or more frames, perhaps a body, perhaps trailers. */
function exchange(random: Random, id: number, odds: number): Frame[] {
  const body = random.chance(0.5);
  const frames = headers(random, {
    block: requestBlock(random, { body, odds }),
    id,
    endStream: !body,
  });
  if (!body) return frames;
  const trailers = random.chance(0.3);
  const pieces = random.chance(0.3) ? ["bo", "dy"] : ["body"];
  for (const [at, text] of pieces.entries()) {
    const endStream = !trailers && at === pieces.length - 1;
    frames.push(
      padded(random, {
        type: types.data,
        flags: endStream ? flags.endStream : 0,
        id,
        payload: Buffer.from(text),
      }),
    );
  }
  if (trailers)
    frames.push(...headers(random, { block: trailerBlock(random, odds), id, endStream: true }));
  return frames;
}

function headers(
  random: Random,
  parts: { block: Buffer; id: number; endStream: boolean },
): Frame[] {
  const { block, id, endStream } = parts;
  const cuts = random.chance(0.25)
    ? [random.below(block.length + 1), random.below(block.length + 1)].toSorted((a, b) => a - b)
    : [];
  const pieces = [0, ...cuts].map((from, at) => block.subarray(from, cuts[at] ?? block.length));
  return pieces.map((piece, at) => {
    const last = at === pieces.length - 1 ? flags.endHeaders : 0;
    if (at > 0) return { type: types.continuation, flags: last, id, payload: piece };
    const first = {
      type: types.headers,
      flags: last | (endStream ? flags.endStream : 0),
      id,
      payload: piece,
    };
    return padded(random, prioritised(random, first));
  });
}

function padded(random: Random, frame: Frame): Frame {
  if (!random.chance(0.2)) return frame;
  const length = random.below(20);
  return {
    ...frame,
    flags: frame.flags | flags.padded,
    payload: Buffer.concat([Buffer.from([length]), frame.payload, Buffer.alloc(length)]),
  };
}

function prioritised(random: Random, frame: Frame): Frame {
  if (!random.chance(0.2)) return frame;
  const fields = Buffer.concat([
    word(random.pick([0, 1, 3, 0x8000_0003])),
    Buffer.from([random.below(256)]),
  ]);
  return {
    ...frame,
    flags: frame.flags | flags.priority,
    payload: Buffer.concat([fields, frame.payload]),
  };
}

function settings(random: Random, odds: number): Frame {
  const entries = Array.from({ length: random.below(4) }, () => {
    const entry = Buffer.alloc(6);
    entry.writeUInt16BE(random.chance(0.9) ? 1 + random.below(6) : random.below(0x1_0000));
    entry.writeUInt32BE(random.chance(odds) ? random.pick(settingValues) : 65_535, 2);
    return entry;
  });
  return { type: types.settings, flags: 0, id: 0, payload: Buffer.concat(entries) };
}

/** A frame that is part of no request. */
function control(random: Random, id: number, odds: number): Frame {
  const simple = { flags: 0, id: 0 };
  const increment = random.chance(odds)
    ? random.pick([0, 0x7fff_ffff, 0x8000_0001])
    : 1 + random.below(10_000);
  return random.pick<() => Frame>([
    () => ({ ...simple, type: types.ping, payload: random.bytes(8) }),
    () => settings(random, odds),
    () => ({
      ...simple,
      type: types.windowUpdate,
      id: random.pick([0, id]),
      payload: word(increment),
    }),
    () => ({
      ...simple,
      type: types.priority,
      id,
      payload: Buffer.concat([word(random.pick([0, id, id + 2])), Buffer.from([1])]),
    }),
    () => ({ ...simple, type: types.rstStream, id, payload: word(random.pick(errorCodes)) }),
    () => ({
      ...simple,
      type: types.goaway,
      payload: Buffer.concat([word(0), word(random.pick(errorCodes))]),
    }),
    () => ({ ...simple, type: types.data, id, payload: random.bytes(random.below(10)) }),
    () => ({
      ...simple,
      type: 10 + random.below(246),
      id: random.pick([0, id]),
      payload: random.bytes(random.below(20)),
    }),
    () => ({
      ...simple,
      type: types.pushPromise,
      flags: flags.endHeaders,
      id,
      payload: Buffer.concat([word(2), requestBlock(random, { body: false, odds })]),
    }),
  ])();
}
