import type { DescMessage, Message } from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { HttpClient } from "@kratosjs/core/http";
import { createClient } from "@kratosjs/core/rpc";
import * as fc from "fast-check";
import { bindingsOfService, type OneBinding } from "./bindings.ts";
import { type Peer, services } from "./peers.ts";
import { randomMessage } from "./random-message.ts";
import { randomRequest } from "./random-request.ts";
import { assertSame } from "./same-message.ts";

const runsPerRule = 25;

/** One case for each rule: random messages over it arrive as they were sent, and so do the replies. */
export function ruleCases(
  peer: Peer,
  client: HttpClient,
): readonly (readonly [string, () => Promise<void>])[] {
  return services.flatMap(bindingsOfService).map((binding) => {
    const { method, httpMethod, path } = binding;
    return [
      `${method.parent.name}.${method.name}: ${httpMethod} ${path}`,
      () => holds(binding, { peer, client }),
    ] as const;
  });
}

interface Ends {
  readonly peer: Peer;
  readonly client: HttpClient;
}

async function holds(binding: OneBinding, ends: Ends): Promise<void> {
  const { method } = binding;
  const property = fc.asyncProperty(
    randomRequest(binding),
    randomMessage(method.output),
    (request, reply) => roundTrip(binding, ends, { request, reply }),
  );
  await fc.assert(property, { numRuns: runsPerRule });
}

async function roundTrip(
  { method, alone, httpMethod, body, responseBody }: OneBinding,
  { peer, client }: Ends,
  { request, reply }: { readonly request: Message; readonly reply: Message },
): Promise<void> {
  peer.answer(reply);
  const call = client.prepare(alone);
  const answered = await call(recast(request, method.input, alone.input), {});
  const received = peer.taken();
  if (received.method !== method) throw new Error(`${httpMethod} reached ${received.method.name}`);
  const sameness = { emptyIsUnset: body !== "*" };
  assertSame(method.input, { sent: request, received: received.message }, sameness);
}

function recast(message: Message, from: DescMessage, to: DescMessage): Message {
  return fromBinary(to, toBinary(from, message));
}
