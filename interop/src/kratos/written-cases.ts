import { type Call, type Caller, type Outcome, wires } from "./call.ts";
import type { GoPeer } from "./go-peer.ts";
import type { OurCaller, OurServer } from "./our-peer.ts";

/** Both sides: Go's client calls our server, ours calls Go's. */
export interface Sides {
  readonly go: GoPeer;
  readonly toGo: OurCaller;
  readonly ours: OurServer;
}

type Case = readonly [string, () => Promise<void>];

/** Serves a wait of a second no longer than its limit of half of one. */
const longWait: Call = { method: "Wait", input: { time: 1000 } };

/** What Go Kratos does otherwise when it is alone, or cannot be compared call by call. */
export function writtenCases({ go, toGo, ours }: Sides): readonly Case[] {
  const sides: readonly Side[] = [
    { name: "our client, Go's server", caller: toGo, gone: () => go.gone(), teller: "go" },
    { name: "Go's client, our server", caller: go, gone: async () => ours.gone, teller: "ours" },
  ];
  return sides.flatMap(casesOf);
}

interface Side {
  readonly name: string;
  readonly caller: Caller;
  /** How many callers the server has seen leave while they waited. */
  gone(): Promise<number>;
  /** What the server calls itself in a header. */
  readonly teller: string;
}

function casesOf({ name, caller, gone, teller }: Side): readonly Case[] {
  return wires.flatMap((wire): readonly Case[] => [
    [
      `${name}, ${wire}: a caller whose time is up is heard of by the server`,
      async () => {
        const before = await gone();
        const outcome = await caller.call(wire, { ...longWait, timeoutMs: 100 });
        assert(outcome.error !== undefined, outcome);
        await until(async () => (await gone()) > before);
      },
    ],
    [
      `${name}, ${wire}: a caller who leaves is heard of by the server`,
      async () => {
        const before = await gone();
        const outcome = await caller.call(wire, { ...longWait, cancelAfterMs: 100 });
        assert(outcome.error !== undefined, outcome);
        await until(async () => (await gone()) > before);
      },
    ],
    [
      `${name}, ${wire}: the server's own limit ends a call`,
      async () => {
        const outcome = await caller.call(wire, longWait);
        // Go's server answers a bare context error with 500 over HTTP.
        const code = teller === "go" && wire === "http" ? 500 : 504;
        assert(outcome.error?.code === code, outcome);
      },
    ],
    [
      `${name}, ${wire}: the caller's limit is the server's where it is shorter`,
      async () => {
        const told = await caller.call(wire, { method: "Tell", timeoutMs: 400 });
        const left = Number(told.output?.["leftMs"] ?? 0);
        // HTTP has no header for it: the server's own half a second stands.
        const limit = wire === "grpc" ? 400 : 500;
        assert(left > 0 && left <= limit, told);
      },
    ],
    ...(wire === "http"
      ? [
          [
            `${name}, ${wire}: a header of the reply`,
            async () => {
              const told = await caller.call(wire, { method: "Tell" });
              assert(told.header === teller, told);
            },
          ] as const,
        ]
      : []),
  ]);
}

function assert(holds: boolean, outcome: Outcome): void {
  if (!holds) throw new Error(`not so: ${JSON.stringify(outcome)}`);
}

/** Looks again until it holds; the time limit of the case ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}
