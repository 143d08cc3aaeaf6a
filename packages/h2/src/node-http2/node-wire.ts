import type * as http2 from "node:http2";
import type { Socket } from "node:net";
import type { HeaderBlock, OutgoingHeaders, SessionCounters } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import type { H2Session } from "../session/h2-session.ts";
import type { H2Stream } from "../session/h2-stream.ts";
import type { Wire } from "../session/wire.ts";

type Node = http2.ClientHttp2Session | http2.ServerHttp2Session;
type Carrier = http2.ServerHttp2Stream | http2.ClientHttp2Stream;

/** Carries the streams of a session over those of node:http2. */
export class NodeWire implements Wire {
  readonly #session: H2Session;
  readonly #node: Node;
  readonly #carriers: Map<H2Stream, Carrier> = new Map();

  constructor(session: H2Session, node: Node) {
    this.#session = session;
    this.#node = node;
    node.setLocalWindowSize(session.config.connectionWindowBytes);
    node.on("ping", () => session.tell(() => session.clock.onPing()));
    node.on("localSettings", () => session.clock.onSettingsAck());
    node.on("remoteSettings", ({ maxConcurrentStreams = Infinity }) => {
      session.counted.settingsReceived += 1;
      session.limitStreams(maxConcurrentStreams);
    });
    node.on("goaway", (code, id, why) => session.receiveGoaway(id, code, String(why ?? "")));
    node.on("error", (error) => session.ending.lost(error));
  }

  /** Takes on a stream that the peer has opened. */
  accept(carrier: http2.ServerHttp2Stream, endStream: boolean): H2Stream {
    const stream = this.#session.addStream(carrier.id ?? 0);
    stream.remoteEnded = endStream;
    this.#carry(stream, carrier);
    carrier.setTimeout(this.#session.config.writeTimeoutMs, () => {
      const stalled = stream.localEnded && carrier.writableLength > 0;
      if (stalled) this.#session.resetStream(stream, errorCodes.enhanceYourCalm);
    });
    return stream;
  }

  headers(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void {
    const carrier = this.#carriers.get(stream);
    if (carrier !== undefined && (!("respond" in carrier) || carrier.headersSent)) {
      stream.pendingTrailers = headers;
      carrier.end();
      return;
    }
    const fields = fieldObject(headers);
    // sendDate is an option of node:http2 that its types lack.
    const options = { endStream, waitForTrailers: !endStream, sendDate: false };
    this.#try(stream, () => {
      if (String(fields[":status"]).startsWith("1")) carrier?.additionalHeaders(fields);
      else if (carrier !== undefined) carrier.respond(fields, options);
      else if ("request" in this.#node) this.#carry(stream, this.#node.request(fields, options));
      // Node ends by itself what may have no body.
      if (endStream || carrier?.writableEnded === true) this.#session.halfClosed(stream);
    });
  }

  data(stream: H2Stream, chunk: Uint8Array, endStream: boolean): boolean {
    const carrier = this.#carriers.get(stream);
    const room = chunk.length === 0 || carrier?.write(chunk) === true;
    if (endStream) carrier?.end();
    return room || endStream;
  }

  consume(stream: H2Stream, bytes: number): void {
    stream.outstanding -= bytes;
    const { initialWindowBytes } = this.#session.config;
    if (stream.outstanding < initialWindowBytes) this.#carriers.get(stream)?.resume();
  }

  reset(stream: H2Stream, code: number): void {
    const carrier = this.#carriers.get(stream);
    // Not now: it would overtake what was just handed over, which NO_ERROR must not take back.
    setImmediate(() => carrier?.close(code));
  }

  drop(stream: H2Stream): void {
    // Node closes a stream only when all of it was read.
    this.#carriers.get(stream)?.resume();
    this.#carriers.delete(stream);
    // nghttp2 reads no more after its GOAWAY and the last stream: no PING would be answered.
    if (this.#carriers.size === 0) this.#session.ending.drain();
  }

  ping(payload: Buffer): void {
    if (this.#node.destroyed) return;
    this.#node.ping(payload, (error, _tookMs, echo) => {
      if (error === null) this.#session.clock.onPong(echo.readUInt32BE(4));
    });
  }

  goaway(lastId: number, code: number, reason: string): void {
    // Without streams node's close() says it; a client's would overtake the requests just written.
    const { server, openStreams } = this.#session;
    const later = code === errorCodes.noError && (!server || openStreams === 0);
    if (!later && !this.#node.destroyed) this.#node.goaway(code, lastId, Buffer.from(reason));
  }

  end(onLeft: () => void): void {
    this.#session.socket.once("finish", onLeft);
    this.#node.close();
    if (this.#session.openStreams > 0) this.#node.destroy();
  }

  countBytes(counters: SessionCounters): void {
    const { bytesRead = 0, bytesWritten = 0 } = this.#session.socket as Partial<Socket>; // a Duplex need not be one
    Object.assign(counters, { bytesRead, bytesWritten });
  }

  #carry(stream: H2Stream, carrier: Carrier): void {
    const session = this.#session;
    let trailers: HeaderBlock | undefined;
    const onHeaders = (_fields: unknown, flags: number, raw: unknown): void =>
      session.receiveHeaders(stream, rawBlock(raw), (flags & 1) !== 0);
    const finish = (): void => {
      carrier.sendTrailers(fieldObject(stream.pendingTrailers ?? []));
      session.halfClosed(stream);
    };
    this.#carriers.set(stream, carrier);
    carrier.on("headers", onHeaders);
    carrier.on("response", onHeaders);
    carrier.on("data", (chunk: Buffer) => {
      stream.outstanding += chunk.length;
      if (stream.outstanding >= session.config.initialWindowBytes) carrier.pause();
      stream.listener?.onData(chunk);
    });
    carrier.on("trailers", (_fields, _flags, ...[raw]: unknown[]) => (trailers = rawBlock(raw)));
    carrier.on("end", () => {
      // A stream that was cut "ends" too.
      const { aborted, rstCode } = carrier;
      if (!aborted && rstCode === errorCodes.noError) session.endRemote(stream, trailers);
    });
    carrier.on("drain", () => stream.listener?.onDrain());
    carrier.on("error", () => undefined);
    carrier.on("wantTrailers", () => this.#try(stream, finish));
    carrier.on("close", () => {
      // Trailers that a reset has overtaken.
      if (trailers !== undefined) session.endRemote(stream, trailers);
      if (stream.closed) return;
      if (this.#node.destroyed) session.ending.lost();
      else session.receiveReset(stream.id, carrier.rstCode ?? errorCodes.noError);
    });
  }

  /** Headers that node:http2 will not send end the stream rather than the process. */
  #try(stream: H2Stream, send: () => void): void {
    try {
      if (!(this.#carriers.get(stream) ?? stream).closed) send();
    } catch {
      // A request that node refused has used up no id.
      if (!this.#carriers.has(stream)) this.#session.lastOwnId -= 2;
      this.#session.resetStream(stream, errorCodes.internalError);
    }
  }
}

/** Headers as node:http2 takes them: an object, with an array where a name has several values. */
function fieldObject(headers: OutgoingHeaders): http2.OutgoingHttpHeaders {
  const fields = "fields" in headers ? headers.fields : headers;
  const object: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [name = "", value = ""] = fields.slice(at, at + 2);
    object[name] = name in object ? [object[name] ?? [], value].flat() : value;
  }
  return object;
}

/** Headers as node:http2 has received them: names and values by turns. */
export function rawBlock(raw: unknown): HeaderBlock {
  return { fields: Object.freeze(Array.isArray(raw) ? raw.map(String) : []), parsed: undefined };
}
