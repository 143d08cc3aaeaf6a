import type { Random } from "../random.ts";
import { type Frame, word } from "./frame.ts";

type Mutation = (random: Random, frames: Frame[], at: number) => void;

function change(frames: Frame[], at: number, how: (frame: Frame) => Partial<Frame>): void {
  const frame = frames[at];
  if (frame !== undefined) frames[at] = { ...frame, ...how(frame) };
}

const mutations: readonly Mutation[] = [
  (random, frames, at) => {
    const [moved] = frames.splice(at, 1);
    if (moved !== undefined) frames.splice(random.below(frames.length + 1), 0, moved);
  },
  (_random, frames, at) => frames.splice(at, 0, ...frames.slice(at, at + 1)),
  (_random, frames, at) => frames.splice(at, 1),
  (random, frames, at) =>
    change(frames, at, ({ flags }) => ({ flags: flags ^ (1 << random.below(8)) })),
  (random, frames, at) =>
    change(frames, at, ({ type }) => ({
      type: random.chance(0.8) ? random.below(11) : type ^ 0x80,
    })),
  (random, frames, at) =>
    change(frames, at, ({ id }) => ({
      id: random.pick([
        0,
        1,
        2,
        3,
        5,
        id + 1,
        id + 2,
        Math.max(0, id - 2),
        0x7fff_ffff,
        (id | 0x8000_0000) >>> 0,
      ]),
    })),
  (random, frames, at) =>
    change(frames, at, ({ payload }) => ({
      payload: payload.subarray(0, random.below(payload.length + 1)),
    })),
  (random, frames, at) =>
    change(frames, at, ({ payload }) => ({
      payload: Buffer.concat([payload, random.bytes(1 + random.below(8))]),
    })),
  (random, frames, at) =>
    change(frames, at, ({ payload }) => ({ payload: flipped(random, payload) })),
  (random, frames, at) =>
    change(frames, at, ({ payload }) => ({
      length: random.pick([
        payload.length + 1,
        Math.max(0, payload.length - 1),
        16_385,
        0,
        0xff_ffff,
      ]),
    })),
  (random, frames, at) =>
    change(frames, at, ({ payload }) => ({
      payload:
        payload.length >= 4
          ? Buffer.concat([
              word(random.pick([0, 1, 0x7fff_ffff, 0xffff_ffff])),
              payload.subarray(4),
            ])
          : payload,
    })),
];

/** Spoils a sequence in one place or a few. */
export function mutate(random: Random, frames: readonly Frame[]): Frame[] {
  const changed = [...frames];
  const times = 1 + random.below(3);
  for (let time = 0; time < times && changed.length > 0; time += 1) {
    random.pick(mutations)(random, changed, random.below(changed.length));
  }
  return changed;
}

/** One bit the other way round, or a byte replaced. */
export function flipped(random: Random, bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = random.chance(0.5) ? (copy[at] ?? 0) ^ (1 << random.below(8)) : random.below(256);
  return copy;
}
