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

/** Writes an event: its name and one data line for each line of the text. */
export function sseFrame(name: string, text: string): string {
  const hasLines = text.includes("\n") || text.includes("\r");
  const data = hasLines ? text.replaceAll(/\r\n|\r|\n/g, "\ndata: ") : text;
  return `event: ${name}\ndata: ${data}\n\n`;
}
