import type {
  ClientDuplexStream,
  ClientReadableStream,
  ServiceError,
} from "@grpc/grpc-js";
import { Metadata } from "@grpc/grpc-js";
import type { EchoReply } from "./echo_pb.ts";
import type { ForeignClient } from "./foreign-echo.ts";

/** All that a unary call of the foreign client tells. */
export interface Outcome {
  readonly error: ServiceError | null;
  readonly reply: EchoReply | undefined;
  readonly header: Metadata;
  readonly trailer: Metadata;
}

/** Makes a unary call. */
export function say(
  client: ForeignClient,
  request: object,
  metadata = new Metadata(),
  options = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const seen = {
      header: new Metadata(),
      trailer: new Metadata(),
      result: { error: null, reply: undefined } as Pick<Outcome, "error" | "reply">,
    };
    const call = client.say(request, metadata, options, (error, reply) => {
      seen.result = { error, reply };
    });
    call.on("metadata", (header: Metadata) => (seen.header = header));
    call.on("status", (end: { metadata: Metadata }) => {
      seen.trailer = end.metadata;
      setImmediate(() => resolve({ ...seen, ...seen.result }));
    });
  });
}

/** Reads a stream to its end. */
export function read(
  stream: ClientReadableStream<EchoReply> | ClientDuplexStream<unknown, EchoReply>,
): Promise<{ texts: string[]; error: ServiceError | undefined }> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    stream.on("data", (reply: { text: string }) => texts.push(reply.text));
    stream.on("end", () => resolve({ texts, error: undefined }));
    stream.on("error", (error: ServiceError) => resolve({ texts, error }));
  });
}

