import { frameMessage } from "../../encoding/framing/index.ts";
import { findCompression } from "../../encoding/compression/index.ts";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MessageInbox } from "./message-inbox.ts";

interface Inbox {
  readonly inbox: MessageInbox;
  readonly granted: () => number;
  readonly abandoned: () => number;
}

function open(options: { readonly maxMessageBytes?: number } = {}): Inbox {
  let granted = 0;
  let abandoned = 0;
  const inbox = new MessageInbox({
    maxMessageBytes: options.maxMessageBytes ?? 1000,
    compression: () => findCompression("gzip"),
    decode: (bytes) => Buffer.from(bytes).toString(),
    onConsumed: (bytes) => (granted += bytes),
    onAbandoned: () => (abandoned += 1),
    onBroken: () => {},
  });
  return { inbox, granted: () => granted, abandoned: () => abandoned };
}
const frame = (text: string): Uint8Array => frameMessage(Buffer.from(text), false);
const done = { done: true, value: undefined };

describe("MessageInbox", () => {
  test("MessageInbox answers messages in order, to readers before and after they come", async () => {
    const { inbox } = open();
    const early = [inbox.next(), inbox.next()];
    inbox.push(Buffer.concat([frame("a"), frame("b"), frame("c")]));
    inbox.end();
    expect(await Promise.all([...early, inbox.next(), inbox.next()])).toEqual([
      { done: false, value: "a" },
      { done: false, value: "b" },
      { done: false, value: "c" },
      done,
    ]);
  });

  test("MessageInbox grants the peer no more than the reader has taken", async () => {
    const { inbox, granted } = open();
    inbox.push(Buffer.concat([frame("aaa"), frame("bbb")]));
    expect(granted()).toBe(0);
    await inbox.next();
    expect(granted()).toBe(8);
    await inbox.next();
    expect(granted()).toBe(16);
  });

  test("MessageInbox grants all of a message that is larger than the window while it is waited for", async () => {
    const { inbox, granted } = open();
    const whole = frame("x".repeat(100));
    const reading = inbox.next();
    inbox.push(whole.subarray(0, 50));
    expect(granted()).toBe(50);
    inbox.push(whole.subarray(50));
    expect((await reading).value).toHaveLength(100);
    expect(granted()).toBe(105);
  });

  test("MessageInbox gives the messages before an end with an error, and drops them when it fails", async () => {
    const ended = open().inbox;
    ended.push(frame("a"));
    ended.end(new Error("status"));
    expect((await ended.next()).value).toBe("a");
    await expect(ended.next()).rejects.toThrow("status");
    const failed = open();
    failed.inbox.push(frame("a"));
    failed.inbox.fail(new Error("reset"));
    await expect(failed.inbox.next()).rejects.toThrow("reset");
    expect(failed.granted()).toBe(6);
  });

  test("MessageInbox reports a body that ends within a message", async () => {
    const { inbox } = open();
    inbox.push(frame("abc").subarray(0, 6));
    inbox.end();
    await expect(inbox.next()).rejects.toThrow(/within a message/);
  });

  test("MessageInbox unpacks messages up to the limit", async () => {
    const { inbox } = open({ maxMessageBytes: 1000 });
    inbox.push(frameMessage(gzipSync("packed"), true));
    expect((await inbox.next()).value).toBe("packed");
    inbox.push(frameMessage(gzipSync(Buffer.alloc(100_000)), true));
    await expect(inbox.next()).rejects.toThrow(/after decompression/);
  });

  test("MessageInbox tells once that its reader left, and takes what still comes as read", async () => {
    const { inbox, abandoned, granted } = open();
    inbox.push(frame("a"));
    for await (const message of inbox) {
      expect(message).toBe("a");
      break;
    }
    await inbox.return();
    expect(abandoned()).toBe(1);
    inbox.push(frame("b"));
    expect(granted()).toBe(12);
    expect(await inbox.next()).toEqual(done);
  });

  test("MessageInbox breaks for good at a message that cannot be decoded", async () => {
    const inbox = new MessageInbox({
      maxMessageBytes: 10,
      compression: () => undefined,
      decode: () => {
        throw new TypeError("bad");
      },
      onConsumed: () => {},
      onAbandoned: () => {},
      onBroken: () => {},
    });
    const reading = inbox.next();
    inbox.push(Buffer.concat([frame("a"), frame("b")]));
    await expect(reading).rejects.toThrow("bad");
    await expect(inbox.next()).rejects.toThrow("bad");
  });
});
