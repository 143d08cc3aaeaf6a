import { nopLogger } from "../../log/index.ts";
import type { ServiceImpl } from "../../rpc/index.ts";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import { Chat } from "./chat_pb.js";

export type ChatService = ServiceImpl<typeof Chat>;

/** A chat for tests: answers each line with itself; what a test cares about it replaces. */
export function chatService(own: Partial<ChatService> = {}): ChatService {
  return {
    async *talk(lines) {
      for await (const { text } of lines) yield { text: `you said ${text}` };
    },
    async *join(entries) {
      for await (const { name, sub } of entries) yield { text: `${name}: ${sub?.naming ?? ""}` };
    },
    async *greet(entries) {
      yield* entries;
    },
    async count(lines) {
      let count = 0;
      let bytes = 0;
      for await (const { text } of lines) {
        count += 1;
        bytes += text.length;
      }
      return { lines: count, bytes: BigInt(bytes) };
    },
    async *watch({ text }) {
      yield { text };
    },
    async *hidden() {},
    ...own,
  };
}

/** A server of the chat, and its address while it listens. */
export interface ChatServer {
  readonly server: HttpServer;
  /** "127.0.0.1:port" */
  readonly host: string;
}

const running: HttpServer[] = [];

/** A server of the chat on a free port. */
export async function serveChat(
  own: Partial<ChatService> = {},
  options: HttpServerOptions = {},
): Promise<ChatServer> {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger, ...options });
  running.push(server);
  await server.register(Chat, chatService(own)).start();
  return { server, host: (await server.endpoint()).host };
}

/** Ends all servers of a test. */
export async function stopChats(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop(AbortSignal.abort())));
}
