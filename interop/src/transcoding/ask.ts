import { once } from "node:events";
import { connect } from "node:http2";
import type { Wire } from "./peers.ts";

/** A request as a person would write it. */
export interface Written {
  readonly method: string;
  /** Path and query, with the escapes as they stand. */
  readonly target: string;
  /** @default none */
  readonly body?: string;
  /** @default {"application/json"} */
  readonly contentType?: string;
}

/** What came back. */
export interface WrittenReply {
  readonly status: number;
  readonly text: string;
}

/** Where to ask, and over which wire. */
export interface AskedPeer {
  readonly endpoint: URL;
  readonly wire: Wire;
}

/** Sends a request with what Node itself has: fetch, and its HTTP/2 client. */
export function ask(written: Written, { endpoint, wire }: AskedPeer): Promise<WrittenReply> {
  return wire === "2" ? askHttp2(written, endpoint) : askFetch(written, endpoint);
}

async function askFetch(written: Written, endpoint: URL): Promise<WrittenReply> {
  const { method, target, body, contentType = "application/json" } = written;
  const headers = body === undefined ? {} : { "content-type": contentType };
  const init = { method, headers, ...(body !== undefined && { body }) };
  const reply = await fetch(`${endpoint.origin}${target}`, init);
  return { status: reply.status, text: await reply.text() };
}

async function askHttp2(written: Written, endpoint: URL): Promise<WrittenReply> {
  const { method, target, body, contentType = "application/json" } = written;
  const session = connect(endpoint.origin);
  try {
    const stream = session.request(
      {
        ":method": method,
        ":path": target,
        ...(body !== undefined && { "content-type": contentType }),
      },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    stream.setEncoding("utf8");
    const [headers] = (await once(stream, "response")) as [{ readonly ":status": number }]; // node's event
    let text = "";
    for await (const part of stream) text += String(part);
    return { status: headers[":status"], text };
  } finally {
    session.destroy();
  }
}
