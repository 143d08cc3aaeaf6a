import type { DescMethod, JsonValue } from "@bufbuild/protobuf";
import { fromJson } from "@bufbuild/protobuf";
import { isDeepStrictEqual } from "node:util";
import { ask, type AskedPeer } from "./ask.ts";
import { type Peer, services } from "./peers.ts";
import { assertSame } from "./same-message.ts";
import type { WrittenCase } from "./written-case.ts";
import { kindsRequests } from "./written-kinds.ts";
import { libraryRequests } from "./written-library.ts";
import { messagingRequests } from "./written-messaging.ts";
import { operationsRequests } from "./written-operations.ts";
import { storageRequests } from "./written-storage.ts";

const written: readonly WrittenCase[] = [
  ...libraryRequests,
  ...storageRequests,
  ...operationsRequests,
  ...messagingRequests,
  ...kindsRequests,
];

/** One case for each request written by hand: the handler gets the message it stands for, and the answer is right. */
export function writtenCases(
  peer: Peer,
  asked: AskedPeer,
): readonly (readonly [string, () => Promise<void>])[] {
  return written.map((each) => {
    const { method, target, reaches, body } = each;
    const shown = body === undefined ? "" : ` ${body}`;
    return [`${reaches}: ${method} ${target}${shown}`, () => holds(each, peer, asked)] as const;
  });
}

async function holds(each: WrittenCase, peer: Peer, asked: AskedPeer): Promise<void> {
  const method = methodNamed(each.reaches);
  const reply = fromJson(method.output, each.reply ?? {});
  peer.answer(reply);
  const { status, text } = await ask(each, asked);
  if (status !== 200) throw new Error(`status ${status}: ${text}`);
  const { method: reached, message: received } = peer.taken();
  if (reached !== method) throw new Error(`it reached ${reached.name}`);
  const sent = fromJson(method.input, each.request);
  assertSame(method.input, { sent, received }, { emptyIsUnset: false });
  const answered = JSON.parse(text) as JsonValue; // what JSON.parse makes
  if (each.answered === undefined) {
    const message = fromJson(method.output, answered);
    assertSame(method.output, { sent: reply, received: message }, { emptyIsUnset: false });
  } else if (!isDeepStrictEqual(answered, each.answered)) {
    throw new Error(`answered ${text}, expected ${JSON.stringify(each.answered)}`);
  }
}

function methodNamed(name: string): DescMethod {
  const [serviceName, methodName] = name.split(".");
  const found = services
    .find((service) => service.name === serviceName)
    ?.methods.find((method) => method.name === methodName);
  if (found === undefined) throw new Error(`no method ${name}`);
  return found;
}
