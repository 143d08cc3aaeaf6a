import { createH2Server, encodeHeaders, type HeaderBlock, type Stream, type StreamListener } from "@kratosjs/h2";
import { goTool } from "../go-tools.ts";
import { runCommand } from "../run-command.ts";
import type { Tally } from "../suite.ts";

const timeoutMs = 300_000;
const body = new TextEncoder().encode("ok");

/** Every case of h2spec, strict, against a server that answers each request with two bytes. */
export async function h2spec(): Promise<Tally> {
  const tool = goTool("github.com/summerwind/h2spec/cmd/h2spec", "h2spec");
  const server = createH2Server({ acceptor: answer });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const { output } = await runCommand(tool, ["--strict", "-h", "127.0.0.1", "-p", String(port)], timeoutMs);
  console.log(output);
  await server.close(AbortSignal.abort());
  const summary = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(output);
  if (summary === null) throw new Error("h2spec printed no summary");
  return { passed: Number(summary[2]), failed: Number(summary[4]) };
}

const ok = encodeHeaders([":status", "200", "content-type", "text/plain"]);

function answer(stream: Stream, _headers: HeaderBlock, endStream: boolean): StreamListener {
  const reply = (): void => stream.respond(ok, body, undefined);
  if (endStream) reply();
  return {
    onData: (chunk) => stream.consume(chunk.length),
    onEnd: () => {
      if (!endStream) reply();
    },
    onDrain: () => undefined,
    onAbort: () => undefined,
  };
}
