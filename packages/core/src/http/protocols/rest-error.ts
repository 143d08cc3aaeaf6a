import { type Status, StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import { fromStatusMessage, internalServer, KratosError, messageOf } from "../../errors/index.ts";
import { encodeUtf8 } from "../../encoding/index.ts";
import type { ReplyHead } from "./http-sender.ts";
import { codecOf } from "./codec-of.ts";
import type { ReplyCodecs } from "./protocol.ts";
import type { ErrorDecoder } from "./rest-hooks.ts";

/**
 * The error a REST answer carries: what a hook makes of it, else its body by the Content-Type, JSON where that names no codec, with the
 * status line's code. A body that is no Kratos error leaves the code alone.
 */
export function statusError(
  body: Uint8Array,
  options: {
    readonly reply: ReplyHead;
    readonly codecs: ReplyCodecs;
    readonly errorDecoder: ErrorDecoder | undefined;
  },
): Error {
  const { reply, codecs, errorDecoder } = options;
  const { status, header } = reply;
  const own = errorDecoder?.(body, { status, header });
  if (own !== undefined) return own;
  try {
    return fromStatusMessage(readStatus(body, header.get("content-type"), codecs), status);
  } catch (cause) {
    return new KratosError("", { code: status, cause });
  }
}

/** The error a stream ends with after its answer has begun; what is none is its message. */
export function streamError(text: string, codecs: ReplyCodecs): KratosError {
  try {
    const status = readStatus(encodeUtf8(text), "application/json", codecs);
    return fromStatusMessage(status, status.code || 500);
  } catch (cause) {
    return new KratosError(text, { cause });
  }
}

function readStatus(body: Uint8Array, contentType: string, codecs: ReplyCodecs): Status {
  return codecOf(codecs, contentType).decoder(StatusSchema)(body);
}

/** An answer that is not what its method answers: the peer's fault. */
export function notDecoded(cause: unknown): KratosError {
  return internalServer("CODEC", `reply unmarshal ${messageOf(cause)}`, { cause });
}

/** The answer would not fit the memory it may take; a cause knows which of its limits. */
export function replyTooLarge(maxBytes: number, cause?: unknown): KratosError {
  const text = `the reply is larger than ${maxBytes} bytes`;
  return new KratosError(cause === undefined ? text : messageOf(cause), {
    code: 500,
    reason: "REPLY_TOO_LARGE",
    cause,
  });
}
