import type { DescMessage, Message } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { HttpClient } from "@kratosjs/core/http";
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
  await fc.assert(property, { numRuns: runsPerRule, includeErrorInReport: true });
}

async function roundTrip(
  { method, alone, body, responseBody }: OneBinding,
  { peer, client }: Ends,
  { request, reply }: { readonly request: Message; readonly reply: Message },
): Promise<void> {
  peer.answer(reply);
  const call = client.prepare(alone);
  const answered = await call(recast(request, method.input, alone.input), {});
  const { method: reached, message } = peer.taken();
  if (reached !== method) throw new Error(`it reached ${reached.name}`);
  assertSame(method.input, { sent: request, received: message }, { emptyIsUnset: body !== "*" });
  const received = recast(answered as Message, alone.output, method.output); // a unary call
  const sent = responseBody === "" ? reply : only(method.output, reply, responseBody);
  assertSame(method.output, { sent, received }, { emptyIsUnset: responseBody !== "" });
}

/** What of a reply is sent where one field of it is the body. */
function only(schema: DescMessage, message: Message, name: string): Message {
  const field = schema.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`${schema.typeName} has no ${name}`);
  const copy = reflect(schema);
  const value = reflect(schema, message);
  if (value.isSet(field)) copy.set(field, value.get(field));
  return copy.message;
}

function recast(message: Message, from: DescMessage, to: DescMessage): Message {
  return fromBinary(to, toBinary(from, message));
}
