import { create, fromBinary, fromJsonString, toBinary } from "@bufbuild/protobuf";
import { FrameBuffer, type Frame, frameWith } from "../../encoding/framing/index.ts";
import { WordsSchema } from "./talk_pb.js";

/** A message of the talk service in protobuf. */
export function words(text: string, count = 0): Uint8Array {
  return toBinary(WordsSchema, create(WordsSchema, { text, count }));
}

/** The text of one in protobuf. */
export function textOf(bytes: Uint8Array): string {
  return fromBinary(WordsSchema, bytes).text;
}

/** The text of one in JSON. */
export function jsonTextOf(bytes: Uint8Array): string {
  return fromJsonString(WordsSchema, Buffer.from(bytes).toString()).text;
}

/** A body of envelopes, each with its flags before it. */
export function envelopes(...parts: readonly (readonly [number, Uint8Array | string])[]): Buffer {
  return Buffer.concat(parts.map(([flags, payload]) => frameWith(flags, Buffer.from(payload))));
}

/** Takes a body apart. Fails when something is left over. */
export function framesOf(body: Uint8Array): readonly Frame[] {
  const buffer = new FrameBuffer({ maxMessageBytes: 2 ** 24, maxFlags: 255 });
  buffer.push(body);
  const frames: Frame[] = [];
  for (let frame = buffer.take(); frame !== undefined; frame = buffer.take()) frames.push(frame);
  if (buffer.size > 0) throw new Error(`${buffer.size} bytes behind the last envelope`);
  return frames;
}

/** The text of an envelope. */
export function payloadText(frame: Frame | undefined): string {
  return Buffer.from(frame?.payload ?? []).toString();
}
