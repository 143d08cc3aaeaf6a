import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameBuffer, wholeFrame } from "./frame-buffer.ts";
import { frameMessage } from "./frame.ts";

function take(buffer: FrameBuffer): (readonly [boolean, number[]])[] {
  const taken: (readonly [boolean, number[]])[] = [];
  for (let frame = buffer.take(); frame !== undefined; frame = buffer.take()) {
    taken.push([frame.compressed, [...frame.payload]]);
  }
  return taken;
}

describe("FrameBuffer", () => {
  test("FrameBuffer gives back any messages, whatever the pieces they come in", () => {
    const message = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(message),
        fc.array(fc.integer({ min: 1, max: 30 })),
        (messages, sizes) => {
          const body = Buffer.concat(
            messages.map(([bytes, packed]) => frameMessage(bytes, packed)),
          );
          const buffer = new FrameBuffer({ maxMessageBytes: 40 });
          const taken: (readonly [boolean, number[]])[] = [];
          let at = 0;
          for (const size of [...sizes, Infinity]) {
            buffer.push(body.subarray(at, at + size));
            at += size;
            taken.push(...take(buffer));
          }
          expect(taken).toEqual(messages.map(([bytes, packed]) => [packed, [...bytes]]));
          expect(buffer.size).toBe(0);
        },
      ),
    );
  });

  test("FrameBuffer keeps no reference to a piece it was given", () => {
    const buffer = new FrameBuffer({ maxMessageBytes: 10 });
    const piece = frameMessage(new Uint8Array([1, 2]), false);
    buffer.push(piece);
    piece.fill(9);
    expect(take(buffer)).toEqual([[false, [1, 2]]]);
  });

  test("FrameBuffer refuses a message over the limit by its prefix alone, also behind others", () => {
    expect(() =>
      new FrameBuffer({ maxMessageBytes: 4 }).push(new Uint8Array([0, 0, 0, 0, 5])),
    ).toThrow(/larger than max \(5 vs. 4\)/);
    expect(() =>
      new FrameBuffer({ maxMessageBytes: 4 }).push(new Uint8Array([0, 255, 255, 255, 255])),
    ).toThrow(/4294967295 vs. 4/);
    const buffer = new FrameBuffer({ maxMessageBytes: 4 });
    buffer.push(new Uint8Array([0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 5]));
    expect(buffer.take()?.payload).toEqual(new Uint8Array([7]));
    expect(() => buffer.take()).toThrow(/larger than max/);
  });

  test("FrameBuffer refuses an unknown flag", () => {
    expect(() =>
      new FrameBuffer({ maxMessageBytes: 4 }).push(new Uint8Array([2, 0, 0, 0, 0])),
    ).toThrow(/unknown compression flag 2/);
  });
});

describe("wholeFrame()", () => {
  test("wholeFrame() takes a piece that is one frame, and no other", () => {
    const frame = frameMessage(new Uint8Array([1, 2]), true);
    const taken = { compressed: true, flags: 1, payload: new Uint8Array([1, 2]) };
    expect(wholeFrame(frame, 2)).toEqual(taken);
    for (let length = 0; length < frame.length; length += 1) {
      expect(wholeFrame(frame.subarray(0, length), 2)).toBeUndefined();
    }
    expect(wholeFrame(new Uint8Array([...frame, 0]), 2)).toBeUndefined();
    expect(() => wholeFrame(frame, 1)).toThrow("larger than max");
  });
});
