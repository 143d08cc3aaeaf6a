import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { runCases, type Tally } from "../suite.ts";
import { connectPeer, Peer, wires } from "../transcoding/peers.ts";
import { ruleCases } from "../transcoding/rule-cases.ts";
import { writtenCases } from "../transcoding/written-cases.ts";

/** The HTTP rules of APIs everybody knows: our client against our server, and requests as their documentation has them. */
export async function transcoding(): Promise<Tally> {
  setDefaultLogger(nopLogger);
  const tallies: Tally[] = [];
  for (const wire of wires) {
    console.log(`HTTP/${wire}`);
    const peer = new Peer();
    const endpoint = await peer.start();
    const client = connectPeer(endpoint, wire);
    tallies.push(await runCases(ruleCases(peer, client)));
    tallies.push(await runCases(writtenCases(peer, { endpoint, wire })));
    await client.close();
    await peer.stop();
  }
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  };
}
