import { flags, readFrames, types } from "./frame.ts";

/** What a server made of a connection, by class. */
export interface Outcome {
  /** "open": it answered the last PING; "waiting": it wants more; "goaway": it left in peace; "error CODE"; "cut": no word. */
  readonly connection: string;
  /** By stream: "answered", "reset CODE", "begun". Streams it has said nothing about are not in it. */
  readonly streams: ReadonlyMap<number, string>;
  /** It has not let go of the connection when it was closed, or failed where no error may be. */
  readonly fault?: string;
}

const codeNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/** Reads the class of an outcome off what the server has sent. */
export function outcomeOf(
  sent: Buffer,
  end: { readonly ponged: boolean; readonly cut: boolean; readonly fault?: string },
): Outcome {
  const streams = new Map<number, string>();
  let goaway: string | undefined;
  for (const { type, id, flags: set, payload } of readFrames(sent)) {
    if (type === types.goaway && payload.length >= 8) goaway = codeName(payload.readUInt32BE(4));
    else if (type === types.rstStream)
      note(streams, id, `reset ${codeName(payload.readUInt32BE(0))}`);
    else if (type === types.headers || type === types.data)
      note(streams, id, (set & flags.endStream) !== 0 ? "answered" : "begun");
  }
  const outcome = { connection: connectionClass(goaway, end), streams };
  return end.fault === undefined ? outcome : { ...outcome, fault: end.fault };
}

export function describeOutcome({ connection, streams, fault }: Outcome): string {
  const each = [...streams].toSorted(([a], [b]) => a - b).map(([id, what]) => `${id} ${what}`);
  return [connection, ...each, ...(fault === undefined ? [] : [`FAULT ${fault}`])].join(", ");
}

function connectionClass(
  goaway: string | undefined,
  { ponged, cut }: { ponged: boolean; cut: boolean },
): string {
  if (goaway !== undefined && goaway !== "NO_ERROR") return `error ${goaway}`;
  if (cut) return goaway === undefined ? "cut" : "goaway";
  return ponged ? "open" : "waiting";
}

/** A complete answer counts, whatever follows; so does the first reset. */
function note(streams: Map<number, string>, id: number, what: string): void {
  const before = streams.get(id) ?? "begun";
  if (before === "begun") streams.set(id, what);
}

function codeName(code: number): string {
  return codeNames[code] ?? `CODE_${code}`;
}
