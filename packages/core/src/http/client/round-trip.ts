import type { Context } from "../../context/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import type { HttpReply, HttpRequest, HttpSender } from "../protocols/index.ts";

/** Puts a request on the wire and resolves with the head of its answer. */
export type RoundTrip = (request: HttpRequest, ctx: Context) => Promise<HttpReply>;

/** What a made-up answer has. */
export interface HttpReplyOptions {
  /** @default {200} */
  readonly status?: number;
  /** @default none */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Makes an answer that no peer gave: for transports that answer by themselves. */
export function createHttpReply(body: Uint8Array, options: HttpReplyOptions = {}): HttpReply {
  const { status = 200, headers = {} } = options;
  let rest: Uint8Array | undefined = body.length === 0 ? undefined : body;
  return {
    status,
    header: new HeaderMap(Object.entries(headers)),
    trailer: new HeaderMap(),
    async read() {
      const piece = rest;
      rest = undefined;
      return piece;
    },
    end() {
      rest = undefined;
    },
  };
}

/** A sender whose requests go through a transport. */
export function wrapSender(
  sender: HttpSender,
  transport: ((next: RoundTrip) => RoundTrip) | undefined,
): HttpSender {
  if (transport === undefined) return sender;
  const send = transport((request, ctx) => sender.send(request, ctx));
  const { streamsRequests } = sender;
  return { streamsRequests, send };
}
