import { Child } from "../child.ts";
import type { Tally } from "../tally.ts";
import { bodyBytes } from "./body.ts";

/** What 1 GiB through one stream may add to either process, its buffers counted twice. */
const mostBytes = 64 * 2 ** 20;
const mebibyte = 2 ** 20;

/** Sends 1 GiB each way through one stream to a slow reader; fails when either process grows by 64 MiB. */
export async function runMemory(): Promise<Tally> {
  let failed = 0;
  for (const direction of ["upload", "download"]) if (!(await pass(direction))) failed += 1;
  return { passed: 2 - failed, failed };
}

async function pass(direction: string): Promise<boolean> {
  await using server = new Child(new URL("./server.js", import.meta.url));
  const port = await server.word("port");
  const beganAt = performance.now();
  await using client = new Child(new URL("./client.js", import.meta.url), [port, direction]);
  const [writer, reader] = direction === "upload" ? [client, server] : [server, client];
  const received = Number(await reader.word("received"));
  const grown = {
    reader: Number(await reader.word("grown")),
    writer: Number(await writer.word("grown")),
  };
  const seconds = (performance.now() - beganAt) / 1000;
  const figures = Object.entries(grown).map(
    ([who, bytes]) => `${who} +${(bytes / mebibyte).toFixed(1)} MiB`,
  );
  console.log(
    `memory: ${direction} of ${received / mebibyte} MiB in ${seconds.toFixed(1)} s: ${figures.join(", ")}`,
  );
  return received === bodyBytes && grown.reader < mostBytes && grown.writer < mostBytes;
}
