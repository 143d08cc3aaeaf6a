import type { Suite } from "./suite.ts";

/** The suite without its slow cases and peers, and says which those are. */
export function quickly(suite: Suite): Suite {
  const slow = [...suite.cases, ...suite.cases.flatMap((one) => one.peers)].filter(
    (part) => part.slow === true,
  );
  const names = new Set(slow.map((part) => part.name));
  if (names.size > 0) console.log(`--quick leaves out: ${[...names].join("; ")}`);
  const cases = suite.cases.filter((one) => one.slow !== true);
  return {
    ...suite,
    cases: cases.map((one) => ({ ...one, peers: one.peers.filter((peer) => peer.slow !== true) })),
  };
}
