import { isDeepStrictEqual } from "node:util";
import { fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { Peer } from "../gen/kratos/v1/peer_pb.ts";
import { type Caller, type Outcome, type Wire, wires } from "../kratos/call.ts";
import { type JudgedCall, judgedCalls } from "../kratos/calls.ts";
import { writtenCases } from "../kratos/written-cases.ts";
import { GoPeer } from "../kratos/go-peer.ts";
import { OurCaller, OurServer } from "../kratos/our-peer.ts";
import { runCases, sumOf, type Tally } from "../suite.ts";

/** Go Kratos and ours call each other; what comes of a call is what Go Kratos makes of it alone. */
export async function kratos(): Promise<Tally> {
  setDefaultLogger(nopLogger);
  const [go, alone, ours] = [new GoPeer(), new GoPeer(), new OurServer()];
  const [goServer, ourServer] = [await go.serve(), await ours.start()];
  await go.dial(ourServer);
  await alone.serve();
  await alone.dial(goServer);
  const [toGo, toOurs] = [new OurCaller(goServer), new OurCaller(ourServer)];
  const pairs: readonly (readonly [string, Caller])[] = [
    ["our client, Go's server", toGo],
    ["Go's client, our server", go],
    ["our client, our server", toOurs],
  ];
  try {
    const tallies: Tally[] = [];
    for (const [name, caller] of pairs) {
      console.log(name);
      tallies.push(await runCases(casesOf(caller, alone)));
    }
    console.log("time limits and headers");
    tallies.push(await runCases(writtenCases({ go, toGo, ours })));
    return sumOf(tallies);
  } finally {
    await Promise.all([toGo.close(), toOurs.close(), ours.stop()]);
    go.stop();
    alone.stop();
  }
}

function casesOf(caller: Caller, judge: Caller): (readonly [string, () => Promise<void>])[] {
  return wires.flatMap((wire) =>
    judgedCalls
      .filter((call) => call.wires?.includes(wire) ?? true)
      .map(
        (call) => [`${wire}: ${call.name}`, () => compare(wire, call, { caller, judge })] as const,
      ),
  );
}

async function compare(
  wire: Wire,
  call: JudgedCall,
  { caller, judge }: { readonly caller: Caller; readonly judge: Caller },
): Promise<void> {
  const expected = comparable(call, await judge.call(wire, call));
  const found = comparable(call, await caller.call(wire, call));
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
}

/** An outcome without what differs from call to call. */
function comparable(call: JudgedCall, { output, outputs = [], error }: Outcome): object {
  const method = Peer.methods.find(({ name }) => name === call.method);
  if (method === undefined) throw new Error(`no method ${call.method}`);
  // By way of the wire, so that a float has one form.
  const inOneForm = (json: JsonObject): unknown =>
    toJson(
      method.output,
      fromBinary(method.output, toBinary(method.output, fromJson(method.output, json))),
    );
  const messages = [...outputs, ...(output === undefined ? [] : [output])].map(inOneForm);
  return {
    messages: messages.map(withoutMoment),
    error: error && { ...error, metadata: error.metadata ?? {} },
  };
}

function withoutMoment(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  const { leftMs: _left, userAgent: _agent, ...rest } = json as Record<string, unknown>; // a message's JSON
  return rest;
}
