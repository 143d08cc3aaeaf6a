import type { SseFields } from "./sse-fields.ts";

/** The head of an answer that is a stream of events. */
export const sseHeaders: readonly string[] = [
  "Content-Type",
  "text/event-stream",
  "Cache-Control",
  "no-cache",
  // nginx would hold the events back otherwise
  "X-Accel-Buffering",
  "no",
];

/** A line that says nothing, to keep the connection from looking dead. */
export const sseHeartbeat = ": \n\n";

/** Writes an event: its name, what else it says, and one data line for each line of the text. */
export function sseFrame(name: string, text: string, fields: SseFields = {}): string {
  const hasLines = text.includes("\n") || text.includes("\r");
  const data = hasLines ? text.replaceAll(/\r\n|\r|\n/g, "\ndata: ") : text;
  const { id, retryMs } = fields;
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  const retryLine = retryMs === undefined ? "" : `retry: ${retryMs}\n`;
  return `event: ${name}\n${idLine}${retryLine}data: ${data}\n\n`;
}
