import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createH2Server } from "../index.ts";
import { type Attack, victim } from "./attacks.ts";
import { ask, foreignClient } from "./serving.ts";

/** What became of a server under attack. */
export interface Siege {
  /** Requests of the well-behaved client, and those that were answered. */
  readonly asked: number;
  readonly answered: number;
  /** How the attackers' connections ended, in the order they did. */
  readonly refusals: readonly { readonly code: number | undefined; readonly text: string }[];
  /** The most streams that a connection had open, looked at after each answer. */
  readonly mostStreams: number;
  /** The most bytes that waited in a socket to be sent. */
  readonly mostUnsentBytes: number;
  /** Bytes held in this process more than before, at the height of it: the attackers' own among them. */
  readonly grownBytes: number;
  /** And once the attackers have gone. */
  readonly leftBytes: number;
}

const attackers = 2;
const requests = 200;
/** An attacker that was refused comes back after so many requests of the good client. */
const restRequests = 8;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // what the flag adds

/**
 * Lets attackers at a server, each again and again, while one client makes its requests one after the
 * other: two hundred, and on until as many attacks have been refused as there are attackers.
 */
export async function besiege(attack: Attack): Promise<Siege> {
  const session = { minPingIntervalMs: 0, ...attack.options };
  const server = createH2Server(victim, { session });
  const address = await server.listen({ host: "127.0.0.1" });
  if (typeof address === "string") throw new Error("no port");
  const { port } = address;
  const refusals: { code: number | undefined; text: string }[] = [];
  const over = new AbortController();
  try {
    await using client = foreignClient(port);
    await ask(client);
    const before = heldBytes();
    const running = new Set<Promise<void>>();
    let [asked, answered, mostStreams, mostUnsentBytes] = [0, 0, 0, 0];
    while (asked < requests || (attack.refusal !== undefined && refusals.length < attackers)) {
      while (running.size < attackers && asked % restRequests === 0) {
        const storm = strike(attack, port, { over: over.signal, refusals });
        running.add(storm);
        void storm.finally(() => running.delete(storm));
      }
      asked += 1;
      const { status, body } = await ask(client);
      if (status === 200 && body.toString() === "ok") answered += 1;
      for (const { openStreams, socket } of server.sessions) {
        mostStreams = Math.max(mostStreams, openStreams);
        mostUnsentBytes = Math.max(mostUnsentBytes, socket.writableLength);
      }
    }
    const grownBytes = heldBytes() - before;
    over.abort();
    await Promise.all(running);
    await Promise.all([...server.sessions].slice(1).map((session) => session.closed));
    // What sockets were about to do is done, and its buffers let go of.
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    const leftBytes = heldBytes() - before;
    return { asked, answered, refusals, mostStreams, mostUnsentBytes, grownBytes, leftBytes };
  } finally {
    over.abort();
    await server.close(AbortSignal.abort());
  }
}

/** One attack, until it is refused or all is over. */
async function strike(
  attack: Attack,
  port: number,
  { over, refusals }: { over: AbortSignal; refusals: { code: number | undefined; text: string }[] },
): Promise<void> {
  using peer = await attack.begin(port);
  const cut = (): void => void peer.socket.destroy();
  over.addEventListener("abort", cut);
  const end = await peer.end();
  over.removeEventListener("abort", cut);
  if (!over.aborted) refusals.push({ code: end?.code, text: end?.text ?? "" });
}

function heldBytes(): number {
  collect();
  // Buffers that the first one found are counted until the next.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
