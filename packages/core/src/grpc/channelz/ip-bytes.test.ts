import { describe, expect, test } from "vitest";
import { ipBytes } from "./ip-bytes.ts";

describe("ipBytes()", () => {
  test.each([
    ["127.0.0.1", "7f000001"],
    ["::1", "00000000000000000000000000000001"],
    ["::", "00000000000000000000000000000000"],
    ["2001:db8::a:b", "20010db80000000000000000000a000b"],
    ["::ffff:10.0.0.1", "00000000000000000000ffff0a000001"],
    ["fe80::1%eth0", "fe800000000000000000000000000001"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ])("ipBytes() reads %s", (text, hex) => {
    const bytes = ipBytes(text);
    expect(bytes && Buffer.from(bytes).toString("hex")).toBe(hex);
  });

  test("ipBytes() answers undefined for what is no address", () => {
    expect(ipBytes("localhost")).toBeUndefined();
    expect(ipBytes("")).toBeUndefined();
  });
});
