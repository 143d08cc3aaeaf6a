import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request as sendRequest } from "node:http";
import type { Readable } from "node:stream";
import { beginH2, openH2 } from "./h2-client.ts";

/** The wires every filter has to work on. */
export const wires = ["HTTP/1.1", "HTTP/2"] as const;

export type WireName = (typeof wires)[number];

/** A request on either wire. */
export interface Asked {
  readonly path: string;
  /** @default {"GET"} */
  readonly method?: string;
  /** @default {{}} */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default none */
  readonly body?: string | Uint8Array;
}

/** An answer as it came, with nothing undone. */
export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer whose body is still to be read. */
export interface OpenReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly stream: Readable;
}

/** Sends a request and answers the head of its reply. */
export async function open(wire: WireName, origin: string, asked: Asked): Promise<OpenReply> {
  if (wire === "HTTP/2") {
    const stream = beginH2(await openH2(origin), asked);
    stream.end(asked.body);
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status": number }]; // node's event
    return { status: headers[":status"], headers, stream };
  }
  const { path, method = "GET", headers = {}, body } = asked;
  const request = sendRequest(`${origin}${path}`, { method, headers, agent: false });
  // A server may answer before it has all of the body.
  request.on("error", () => {});
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage]; // node's event
  return { status: response.statusCode ?? 0, headers: response.headers, stream: response };
}

/** Sends a request and answers its whole reply. */
export async function ask(wire: WireName, origin: string, asked: Asked): Promise<RawReply> {
  const { status, headers, stream } = await open(wire, origin, asked);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer); // no encoding is set: chunks are Buffers
  return { status, headers, body: Buffer.concat(chunks) };
}
