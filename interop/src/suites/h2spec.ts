import { once } from "node:events";
import { createServer } from "node:net";
import { encodeHeaders, engine, type Session, type StreamAcceptor } from "@kratosjs/h2";
import { goTool } from "../go-tools.ts";
import { runCommand } from "../run-command.ts";
import type { Tally } from "../suite.ts";

const timeoutMs = 300_000;
const head = encodeHeaders([":status", "200", "content-type", "text/plain"]);
const body = new TextEncoder().encode("hello, h2spec");

/** Every case of h2spec, strict, against a server that answers each request with a short text. */
export async function h2spec(): Promise<Tally> {
  const tool = goTool("github.com/summerwind/h2spec/cmd/h2spec", "h2spec");
  const http2 = engine();
  const sessions = new Set<Session>();
  const server = createServer({ noDelay: true }, (socket) =>
    sessions.add(http2.accept(socket, answer)),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { output } = await runCommand(
    tool,
    ["--strict", "-h", "127.0.0.1", "-p", String(address.port)],
    timeoutMs,
  );
  console.log(output);
  server.close();
  for (const session of sessions) session.destroy();
  const summary = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(output);
  if (summary === null) throw new Error("h2spec printed no summary");
  return { passed: Number(summary[2]), failed: Number(summary[4]) };
}

const answer: StreamAcceptor = (stream, _headers, endStream) => {
  const reply = (): void => stream.respond(head, body, undefined);
  if (endStream) reply();
  return {
    onData: (chunk) => stream.consume(chunk.length),
    onEnd: () => {
      if (!endStream) reply();
    },
    onDrain: () => undefined,
    onAbort: () => undefined,
  };
};
