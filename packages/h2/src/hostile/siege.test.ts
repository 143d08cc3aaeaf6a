import { expect, test } from "vitest";
import { attacks } from "../testdata/attacks.ts";
import { besiege } from "../testdata/siege.ts";

/** What two connections may hold: 32 MiB of unread answers each, and the attacker's own buffers. */
const mostBytes = 2 * 40 * 2 ** 20;

test.each(attacks)("engine() answers a good client during $name", async (attack) => {
  const siege = await besiege(attack);
  expect(siege.answered).toBe(siege.asked);
  expect(siege.asked).toBeGreaterThanOrEqual(200);
  expect(siege.mostStreams).toBeLessThanOrEqual(1024);
  expect(siege.mostUnsentBytes).toBeLessThan(4_000_000);
  expect(siege.grownBytes).toBeLessThan(mostBytes);
  expect(siege.leftBytes).toBeLessThan(16 * 2 ** 20);
  const { refusal } = attack;
  if (refusal === undefined) expect(siege.refusals).toEqual([]);
  else expect(siege.refusals.length).toBeGreaterThanOrEqual(2);
  for (const { code, text } of siege.refusals) {
    expect(code).toBe(refusal?.code);
    expect(text).toContain(refusal?.text);
  }
});
