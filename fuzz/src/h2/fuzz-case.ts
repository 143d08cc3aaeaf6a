import { Random } from "../random.ts";
import { flags, frameBytes, preface, types } from "./frame.ts";
import { flipped, mutate } from "./mutate.ts";
import { sequence } from "./sequence.ts";

/** Bytes for a server, in the pieces they arrive in. */
export interface FuzzCase {
  readonly name: string;
  readonly bytes: Buffer;
  readonly pieces: readonly Buffer[];
}

/** The PING every case ends in: its answer says that all before it was dealt with. */
export const lastPing: Buffer = Buffer.from("fuzzdone", "latin1");
export const lastPingFrame: Buffer = frameBytes({
  type: types.ping,
  flags: 0,
  id: 0,
  payload: lastPing,
});
/** The same with the flag of an answer, as it comes back. */
export const lastPongFrame: Buffer = frameBytes({
  type: types.ping,
  flags: flags.ack,
  id: 0,
  payload: lastPing,
});

/** Makes the case of a seed: a quarter valid, half with spoiled frames, the rest with odd contents too. */
export function makeCase(seed: number): FuzzCase {
  const random = new Random(seed);
  const kind = random.next();
  const frames = sequence(random, kind < 0.25 ? 0 : 0.25);
  const sent = kind >= 0.5 ? mutate(random, frames) : frames;
  const greeting = random.chance(0.01) ? flipped(random, preface) : preface;
  let bytes: Buffer = Buffer.concat([greeting, ...sent.map(frameBytes), lastPingFrame]);
  if (random.chance(0.05))
    bytes = Buffer.concat([greeting, flipped(random, bytes.subarray(greeting.length))]);
  return { name: `case seed ${seed}`, bytes, pieces: cut(random, bytes) };
}

/** A case of the corpus, in one piece or in many. */
export function storedCase(name: string, bytes: Buffer, pieceBytes: number): FuzzCase {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(bytes.subarray(at, at + pieceBytes));
  return { name, bytes, pieces };
}

function cut(random: Random, bytes: Buffer): readonly Buffer[] {
  if (random.chance(0.6)) return [bytes];
  const cuts = Array.from({ length: 1 + random.below(4) }, () =>
    random.below(bytes.length),
  ).toSorted((a, b) => a - b);
  return [0, ...cuts]
    .map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length))
    .filter((piece) => piece.length > 0);
}
