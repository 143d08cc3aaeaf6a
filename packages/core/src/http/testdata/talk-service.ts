import { notFound } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import type { ServiceImpl } from "../../rpc/index.ts";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import { Talk } from "./talk_pb.js";

type TalkService = ServiceImpl<typeof Talk>;

/** A service with a method of each kind; what a test cares about it replaces. */
export function talkService(own: Partial<TalkService> = {}): TalkService {
  return {
    async say({ text, count }) {
      if (text === "missing") {
        throw notFound("TEXT_NOT_FOUND", "no such text", { metadata: { text } });
      }
      return { text: count > 0 ? text.repeat(count) : text };
    },
    async recall({ text }) {
      return { text: `recalled ${text}` };
    },
    async *repeat({ text, count }) {
      for (let sent = 0; sent < count; sent += 1) yield { text };
    },
    async gather(requests) {
      const texts: string[] = [];
      for await (const { text } of requests) texts.push(text);
      return { text: texts.join(" "), count: texts.length };
    },
    async *chat(requests) {
      for await (const { text } of requests) yield { text: `re: ${text}` };
    },
    ...own,
  };
}

const running: HttpServer[] = [];

/** A server of it that is not started: for `inject`. */
export function talkServer(
  options: HttpServerOptions = {},
  own: Partial<TalkService> = {},
): HttpServer {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, ...options });
  running.push(server);
  return server.register(Talk, talkService(own));
}

/** Ends all servers of a test. */
export async function stopTalkServers(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop(AbortSignal.abort())));
}
