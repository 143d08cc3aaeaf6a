import { expect } from "vitest";
import type { ServerSessionOptions } from "../index.ts";
import { victim } from "./attacks.ts";
import { RawPeer } from "./raw-peer.ts";
import { serve, stillServes } from "./serving.ts";

/** What an attack ends in: the code and text of GOAWAY; and that others are served still. */
export async function endOf(
  attack: (peer: RawPeer) => void | Promise<void>,
  options: ServerSessionOptions = {},
): Promise<{ code: number | undefined; text: string; counters: Record<string, number> }> {
  await using serving = await serve(victim, options);
  using peer = await RawPeer.open(serving.port);
  const session = await serving.session(0);
  await attack(peer);
  const end = await peer.end();
  const error = await session.closed;
  expect(error?.code).toBe(end?.code);
  expect(session.openStreams).toBe(0);
  expect(await stillServes(serving.port)).toBe("200 ok");
  return { code: end?.code, text: end?.text ?? "", counters: { ...session.counters } };
}
