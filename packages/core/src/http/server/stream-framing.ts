import { sseFrame, sseHeaders, sseHeartbeat } from "../sse/sse-frame.ts";
import type { SseFields } from "../sse/sse-fields.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";

/** How messages are told apart in the body of a streamed answer. */
export interface StreamFraming {
  readonly headers: readonly string[];
  /** What says that the stream lives. */
  readonly heartbeat: string;
  message(text: string, fields: SseFields): string;
  /** The last thing of a stream that fails. */
  error(text: string): string;
}

const events: StreamFraming = {
  headers: sseHeaders,
  heartbeat: sseHeartbeat,
  message: (text, fields) => sseFrame(fields.event ?? "message", text, fields),
  error: (text) => sseFrame("error", text),
};

const lines: StreamFraming = {
  headers: [
    "Content-Type",
    "application/x-ndjson",
    "Cache-Control",
    "no-cache",
    "X-Accel-Buffering",
    "no",
  ],
  heartbeat: "\n",
  message: (text) => `${text}\n`,
  error: (text) => `{"error":${text}}\n`,
};

/** Lines of JSON where the Accept likes them better than events, else events. */
export function framingFor(exchange: Exchange): StreamFraming {
  const ranges = rangesOf(allLines(exchange.rawHeaders, "accept"));
  if (ranges.length === 0) return events;
  const forEvents = likingOf(ranges, ["text/event-stream"]);
  const forLines = likingOf(ranges, ["application/x-ndjson", "application/ndjson"]);
  if (forEvents.quality !== forLines.quality) {
    return forLines.quality > forEvents.quality ? lines : events;
  }
  // Liked as much, and both by name: the one said first.
  return forLines.quality > 0 && forLines.place < forEvents.place ? lines : events;
}

/** Whether the messages of a framing are each on one line. */
export function isLines(framing: StreamFraming): boolean {
  return framing === lines;
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

// More than any client says; the rest is not looked at.
const maxRanges = 64;

function rangesOf(accept: readonly string[]): readonly MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const line of accept) {
    for (const part of line.split(",", maxRanges)) {
      const [type = "", ...parameters] = part.split(";");
      if (type.trim() === "" || ranges.length === maxRanges) continue;
      ranges.push({ type: type.trim().toLowerCase(), quality: qualityOf(parameters) });
    }
  }
  return ranges;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim().toLowerCase() !== "q") continue;
    const quality = Number(value.trim());
    return quality >= 0 && quality <= 1 ? quality : 1;
  }
  return 1;
}

/** How much a type is liked, by the range that is nearest to it (RFC 9110, 12.5.1), and where that names it. */
function likingOf(
  ranges: readonly MediaRange[],
  types: readonly string[],
): { readonly quality: number; readonly place: number } {
  const place = ranges.findIndex(({ type }) => types.includes(type));
  const named = ranges[place];
  if (named !== undefined) return { quality: named.quality, place };
  const group = `${types[0]?.split("/")[0] ?? ""}/*`;
  const range =
    ranges.find(({ type }) => type === group) ?? ranges.find(({ type }) => type === "*/*");
  return { quality: range?.quality ?? 0, place: Infinity };
}
