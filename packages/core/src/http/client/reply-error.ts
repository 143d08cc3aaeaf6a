import { StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import type { CodecRegistry } from "../../encoding/index.ts";
import { fromError, fromStatusMessage, KratosError, messageOf } from "../../errors/index.ts";
import type { WholeReply } from "./whole-reply.ts";

/**
 * The error an answer carries: its body by the Content-Type, JSON where that names no codec, with the
 * status line's code. A body that is no Kratos error leaves the code alone.
 */
export function replyError(reply: WholeReply, codecs: CodecRegistry): KratosError {
  const { status, header, body } = reply;
  return statusError(body, { status, contentType: header.get("content-type"), codecs });
}

/** The same, of a body that came another way. */
export function statusError(
  body: Uint8Array,
  options: {
    readonly status: number;
    readonly contentType: string;
    readonly codecs: CodecRegistry;
  },
): KratosError {
  const { status, contentType, codecs } = options;
  const { codec } = codecs.select([contentType]);
  try {
    return fromStatusMessage(codec.decoder(StatusSchema)(body), status);
  } catch (cause) {
    return new KratosError("", { code: status, cause });
  }
}

/** Whether a connection could not be made: nothing was sent. */
export function isUnreachable(error: unknown, bytesSent: boolean): boolean {
  return !bytesSent && !isEnd(error) && !isMisuse(error);
}

/**
 * What a call fails with that got no answer: 504 when its time ran out, 499 when its caller left, else 503
 * without a reason. Go passes the bare error on, which converts to 500 and blames the server.
 */
export function transportError(error: unknown): KratosError {
  if (isEnd(error) || isMisuse(error)) return fromError(error);
  return new KratosError(messageOf(error), { code: 503, cause: error });
}

function isEnd(error: unknown): boolean {
  if (error instanceof KratosError) return true;
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

function isMisuse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "UND_ERR_INVALID_ARG";
}
