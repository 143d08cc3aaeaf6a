import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sseFrame, sseHeaders } from "./sse-frame.ts";
import { SseParser } from "./sse-parser.ts";

interface Case {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly event: string;
    readonly payload: string;
    readonly text: string;
  };
  readonly expected: { readonly messages: readonly string[]; readonly end: unknown };
}

const { cases } = JSON.parse(
  readFileSync(new URL("../testdata/sse-websocket.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

const ofOp = (op: string): readonly Case[] => cases.filter(({ input }) => input.op === op);

describe("sseFrame()", () => {
  test.each(ofOp("sseFrame"))("writes $name", ({ input, expected }) => {
    expect(sseFrame(input.event, input.payload)).toBe(expected);
  });

  test("cannot be made to write a field of its own by line ends of any kind", () => {
    expect(sseFrame("message", "a\rdata: b\r\n\nevent: x")).toBe(
      "event: message\ndata: a\ndata: data: b\ndata: \ndata: event: x\n\n",
    );
  });
});

test.each(ofOp("sseHeaders"))(
  "sseHeaders are $name, the connection's left to node",
  ({ expected }) => {
    const { Connection: _left, ...own } = expected as unknown as Record<string, string>; // of this op
    const pairs = sseHeaders.flatMap((name, at) =>
      at % 2 === 0 ? [[name, sseHeaders[at + 1]]] : [],
    );
    expect(Object.fromEntries(pairs)).toEqual(own);
  },
);

describe("SseParser", () => {
  const names = (text: string, step = text.length): readonly string[] => {
    const parser = new SseParser();
    const seen: string[] = [];
    for (let at = 0; at < text.length; at += step) {
      for (const { name, data } of parser.push(text.slice(at, at + step)))
        seen.push(`${name} ${data}`);
    }
    return seen;
  };

  test.each(ofOp("sseParse"))("reads: $name, however it is cut", ({ input, expected }) => {
    for (let step = 1; step <= input.text.length; step += 1) {
      const events = names(input.text, step);
      const end = events.findIndex((event) => event.startsWith("error "));
      const before = end === -1 ? events : events.slice(0, end);
      expect(before.filter((event) => event.startsWith("message "))).toEqual(
        expected.messages.map((data) => `message ${data}`),
      );
      expect(end !== -1).toBe(expected.end !== "eof");
    }
  });

  test("takes LF, CR and CRLF for the end of a line", () => {
    for (const end of ["\n", "\r", "\r\n"]) {
      const text = `data: a${end}data: b${end}${end}data: c${end}${end}`;
      // A lone CR at the very end of a piece may be half a CRLF: it still ends its line.
      for (let step = 1; step <= text.length; step += 1) {
        expect(names(text, step)).toEqual(["message a\nb", "message c"]);
      }
    }
  });

  test("keeps the last id", () => {
    const events = new SseParser().push("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n");
    expect(events.map(({ id }) => id)).toEqual(["1", "1", ""]);
  });

  test("drops an event that is not complete", () => {
    expect(names("data: a\n\ndata: b\n")).toEqual(["message a"]);
  });

  test("refuses an event over its limit, in one line or in many", () => {
    expect(() => new SseParser({ maxEventLength: 10 }).push("data: 0123456789")).toThrow(
      RangeError,
    );
    const parser = new SseParser({ maxEventLength: 20 });
    expect(() => {
      for (let at = 0; at < 5; at += 1) parser.push("data: x\n");
    }).toThrow(RangeError);
    const long = new SseParser({ maxLineLength: 10, maxEventLength: 100 });
    expect(long.push("data: 0123\ndata: 4567\n\n")).toHaveLength(1);
    expect(() => long.push("data: 01234")).toThrow(/a line must have at most 10 characters/);
    const many = new SseParser({ maxEventLength: 20 });
    for (let at = 0; at < 50; at += 1) many.push("data: x\n\n");
  });
});
