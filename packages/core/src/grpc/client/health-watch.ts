import { FrameBuffer, frameMessage } from "../../encoding/framing/index.ts";
import type { ClientSession, HeaderBlock, Stream, StreamListener } from "@kratosjs/h2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthCheckResponseSchema,
} from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { operationName } from "../../rpc/index.ts";
import { resetCodes } from "../wire/reset-codes.ts";

/** A status message is a few bytes. */
const maxMessageBytes = 4096;

/**
 * Listens to what one connection's server says of its health; answers what ends that.
 * A server that has no health service serves; so does one that has said nothing yet.
 */
export function watchHealth(
  session: ClientSession,
  authority: string,
  onStatus: (serving: boolean) => void,
): () => void {
  const watch = new HealthWatch(onStatus);
  watch.begin(session, authority);
  return () => watch.stop();
}

class HealthWatch implements StreamListener {
  readonly #onStatus: (serving: boolean) => void;
  readonly #frames: FrameBuffer = new FrameBuffer({ maxMessageBytes });
  #stream: Stream | undefined;

  constructor(onStatus: (serving: boolean) => void) {
    this.#onStatus = onStatus;
  }

  begin(session: ClientSession, authority: string): void {
    const request = create(HealthCheckRequestSchema);
    const body = frameMessage(toBinary(HealthCheckRequestSchema, request), false);
    const headers = requestFields(session, authority);
    this.#stream = session.request(headers, this, { body, endStream: true });
  }

  /** A stream that stands for ever must not keep a connection that is going away. */
  stop(): void {
    this.#stream?.reset(resetCodes.cancel);
    this.#onStatus(true);
  }

  onData(chunk: Uint8Array): void {
    this.#stream?.consume(chunk.length);
    try {
      this.#frames.push(chunk);
      for (let frame = this.#frames.take(); frame !== undefined; frame = this.#frames.take()) {
        if (!frame.compressed) this.#told(frame.payload);
      }
    } catch {
      this.stop();
    }
  }

  onEnd(_trailers: HeaderBlock | undefined): void {
    this.#onStatus(true);
  }

  onDrain(): void {}

  onAbort(): void {
    this.#onStatus(true);
  }

  #told(payload: Uint8Array): void {
    const { status } = fromBinary(HealthCheckResponseSchema, payload);
    this.#onStatus(status === ServingStatus.SERVING);
  }
}

function requestFields(session: ClientSession, authority: string): readonly string[] {
  return [
    ":method",
    "POST",
    ":scheme",
    session.encrypted ? "https" : "http",
    ":path",
    operationName(Health.method.watch),
    ":authority",
    authority,
    "te",
    "trailers",
    "content-type",
    "application/grpc",
  ];
}
