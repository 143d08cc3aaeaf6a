import { describe, expect, test } from "vitest";
import { errorCodes, H2Error } from "../index.ts";
import { frame, get, preface, settings, types } from "../testdata/raw-peer.ts";
import { FrameReader } from "./frame-reader.ts";

const stream = Buffer.concat([
  preface,
  settings([4, 100_000]),
  get(1, { endStream: false }),
  frame(types.data, 1, { payload: Buffer.from("some bytes") }),
  frame(types.data, 1, { flags: 1 }),
  frame(0xfe, 0x7fff_ffff, { flags: 0xff, payload: Buffer.alloc(400, 7) }),
  frame(types.ping, 0, { payload: Buffer.alloc(8, 9) }),
]);

/** What a reader makes of a stream that comes in these pieces. */
function read(chunks: readonly Buffer[], maxFrameBytes = 16_384): string[] {
  const seen: string[] = [];
  const reader = new FrameReader({
    maxFrameBytes,
    expectsPreface: true,
    onFrame({ type, flags, id, bytes, start, end }) {
      seen.push(`${type} ${flags} ${id} ${bytes.toString("hex", start, end)}`);
    },
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

function failureOf(chunks: readonly Buffer[]): string {
  try {
    read(chunks);
    return "none";
  } catch (error) {
    return error instanceof H2Error ? `${error.code} ${error.section}` : String(error);
  }
}

describe("FrameReader", () => {
  const whole = read([stream]);

  test("FrameReader reads every field of every frame", () => {
    expect(whole).toHaveLength(6);
    expect(whole[0]).toBe("4 0 0 0004000186a0");
    expect(whole[3]).toBe("0 1 1 ");
    expect(whole[4]).toBe(`254 255 2147483647 ${"07".repeat(400)}`);
  });

  test("FrameReader reads the same frames wherever the stream is cut in two", () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      expect(read([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(whole);
    }
  });

  test.each([1, 2, 3, 7, 9, 10, 100])(
    "FrameReader reads the same frames in pieces of %i bytes",
    (size) => {
      const pieces: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size));
      expect(read(pieces)).toEqual(whole);
    },
  );

  test("FrameReader ignores the reserved bit of an id", () => {
    const bytes = frame(types.data, 5);
    bytes.writeUInt32BE(0x8000_0005, 5);
    expect(read([preface, bytes])).toEqual(["0 0 5 "]);
  });

  test("FrameReader takes the longest frame and refuses one byte more, from its head alone", () => {
    expect(read([preface, frame(0, 1, { payload: Buffer.alloc(16_384) })])).toHaveLength(1);
    const head = frame(0, 1, { payload: Buffer.alloc(16_385) }).subarray(0, 9);
    expect(failureOf([preface, head])).toBe(`${errorCodes.frameSizeError} RFC 9113 section 4.2`);
    expect(failureOf([preface, head.subarray(0, 5), head.subarray(5)])).toBe(
      `${errorCodes.frameSizeError} RFC 9113 section 4.2`,
    );
  });

  test("FrameReader refuses a preface at its first wrong byte", () => {
    for (let at = 0; at < preface.length; at += 1) {
      const wrong = Buffer.from(preface.subarray(0, at + 1));
      wrong[at] = 0x21;
      expect(failureOf([wrong])).toBe(`${errorCodes.protocolError} RFC 9113 section 3.4`);
      expect(failureOf([preface.subarray(0, at)])).toBe("none");
    }
  });

  test("FrameReader tells of a frame that may be headers and is not there yet", () => {
    const reader = new FrameReader({ maxFrameBytes: 16_384, expectsPreface: false, onFrame() {} });
    const headers = get(1);
    expect(reader.partialHeaders).toBe(-1);
    reader.push(headers.subarray(0, 2));
    expect(reader.partialHeaders).toBe(0);
    reader.push(headers.subarray(2, 12));
    expect(reader.partialHeaders).toBe(0);
    reader.push(headers.subarray(12));
    expect(reader.partialHeaders).toBe(-1);
    reader.push(frame(types.data, 1, { payload: Buffer.alloc(5) }).subarray(0, 12));
    expect(reader.partialHeaders).toBe(-1);
  });
});

test("FrameReader keeps what comes behind a frame at which it is held, and reads it in order", () => {
  const ids: number[] = [];
  const reader: FrameReader = new FrameReader({
    maxFrameBytes: 16_384,
    expectsPreface: false,
    onFrame: ({ id }) => {
      ids.push(id);
      if (id % 3 === 0) reader.hold();
    },
  });
  const frames = Buffer.concat(
    [1, 2, 3, 4, 5, 6, 7].map((id) => frame(0xfe, id, { payload: Buffer.from("x") })),
  );
  reader.push(frames.subarray(0, 40));
  reader.push(frames.subarray(40, 70));
  expect([ids, reader.isHeld]).toEqual([[1, 2, 3], true]);
  reader.push(frames.subarray(70));
  reader.release();
  expect([ids, reader.isHeld]).toEqual([[1, 2, 3, 4, 5, 6], true]);
  reader.release();
  expect([ids, reader.isHeld]).toEqual([[1, 2, 3, 4, 5, 6, 7], false]);
});
