import { readFileSync } from "node:fs";
import {
  createH2Server,
  encodeHeaders,
  type H2ServerOptions,
  type StreamAcceptor,
} from "@kratosjs/h2";
import { goTool } from "../go-tools.ts";
import { runCommand } from "../run-command.ts";
import type { Tally } from "../suite.ts";

const timeoutMs = 300_000;
const head = encodeHeaders([":status", "200", "content-type", "text/plain"]);
const body = new TextEncoder().encode("hello, h2spec");

/** Every case of h2spec, strict, over clear text and over TLS, against a server that answers each request with a short text. */
export async function h2spec(): Promise<Tally> {
  const tool = goTool("github.com/summerwind/h2spec/cmd/h2spec", "h2spec");
  const clear = await judge(tool, { name: "clear text", options: {}, flags: [] });
  const tls = { key: testData("first.key"), cert: testData("first.pem") };
  // Nobody has signed the certificate whom h2spec knows: -k takes it as it is.
  const secure = await judge(tool, { name: "TLS", options: { tls }, flags: ["-t", "-k"] });
  return { passed: clear.passed + secure.passed, failed: clear.failed + secure.failed };
}

async function judge(
  tool: string,
  wire: {
    readonly name: string;
    readonly options: H2ServerOptions;
    readonly flags: readonly string[];
  },
): Promise<Tally> {
  const server = createH2Server(answer, wire.options);
  const address = await server.listen({ host: "127.0.0.1" });
  if (typeof address === "string") throw new Error("no port");
  console.log(`h2spec, ${wire.name}`);
  const args = ["--strict", ...wire.flags, "-h", "127.0.0.1", "-p", String(address.port)];
  const { output } = await runCommand(tool, args, timeoutMs);
  console.log(output);
  await server.close(AbortSignal.abort());
  const summary = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(output);
  if (summary === null) throw new Error("h2spec printed no summary");
  const passed = Number(summary[2]);
  // A case that was skipped has not been passed.
  return { passed, failed: Number(summary[1]) - passed };
}

/** A key or a certificate of the tests of the package, which is valid for 127.0.0.1. */
function testData(name: string): Buffer {
  return readFileSync(new URL(`../../../packages/h2/src/server/testdata/${name}`, import.meta.url));
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
