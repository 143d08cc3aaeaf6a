import { internalServer } from "../../errors/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { ByteRange } from "./byte-range.ts";
import type { Content } from "./content.ts";
import { type ContentPlan, planContent } from "./content-plan.ts";

/** How a content is sent. */
export interface SendContentOptions {
  /** Asked once before anything is sent; false sends nothing. @default {() => true} */
  readonly settle?: () => boolean;
}

// Up to here one write costs less than a stream.
const smallBytes = 64 * 1024;

/**
 * Answers with a content: whole, the range that is asked for, or 304, no faster than the peer reads.
 * A peer that leaves ends the reading.
 * @throws {KratosError} 412 PRECONDITION_FAILED, 416 RANGE_NOT_SATISFIABLE; 500 CONTENT_SHORT when it is cut
 */
export async function sendContent(
  exchange: Exchange,
  content: Content,
  options: SendContentOptions = {},
): Promise<void> {
  const { status, headers, range }: ContentPlan = planContent(exchange, content);
  const isSettled = options.settle ?? settled;
  if (range === undefined || exchange.method === "HEAD") {
    if (!isSettled()) return;
    const length = range === undefined ? [] : lengthOf(range);
    exchange.begin({ status, headers: [...headers, ...length] });
    return exchange.end();
  }
  if (range.end - range.start <= smallBytes) {
    const body = await readAll(content, range);
    if (isSettled()) exchange.reply({ status, headers, body });
    return;
  }
  if (!isSettled()) return;
  exchange.begin({ status, headers: [...headers, ...lengthOf(range)] });
  for await (const chunk of exactly(content, range)) {
    if (!exchange.write(chunk)) await exchange.drained();
    if (exchange.closed) return; // leaving the loop ends the reading
  }
  exchange.end();
}

async function readAll(content: Content, range: ByteRange): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exactly(content, range)) chunks.push(chunk);
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

/** A content that changed its size must not break the framing. */
async function* exactly(
  content: Content,
  range: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  let missing = range.end - range.start;
  if (missing === 0) return;
  for await (const chunk of content.read(range)) {
    yield chunk.length <= missing ? chunk : chunk.subarray(0, missing);
    missing -= chunk.length;
    if (missing <= 0) return;
  }
  throw internalServer("CONTENT_SHORT", `the content ended ${missing} bytes early`);
}

function lengthOf({ start, end }: ByteRange): readonly string[] {
  return ["Content-Length", String(end - start)];
}

function settled(): boolean {
  return true;
}
