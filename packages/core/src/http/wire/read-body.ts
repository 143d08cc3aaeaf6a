import type { IncomingMessage } from "node:http";
import { clientClosed, KratosError } from "../../errors/index.ts";
import { firstLine } from "./header-lines.ts";

/**
 * Reads the body of a request whole, never more than `maxBytes` of it.
 * What a peer sends beyond that is thrown away as it comes, so that it can read the answer.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  try {
    checkBody(request.rawHeaders, maxBytes);
    assertUnread(request);
  } catch (error) {
    return Promise.reject(error);
  }
  if (request.readableEnded) return Promise.resolve(Buffer.alloc(0));
  if (request.closed) return Promise.reject(aborted(request.errored));
  const announced = Number(firstLine(request.rawHeaders, "content-length") ?? -1);
  return new Promise((resolve, reject) => {
    let parts: Buffer[] | undefined;
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) {
        parts = undefined;
        request.off("data", onData);
        request.resume();
        reject(tooLarge(maxBytes));
      } else if (parts === undefined && size === announced) {
        // Most bodies come in one piece, and are not made to wait for their end.
        resolve(chunk);
      } else {
        (parts ??= []).push(chunk);
      }
    };
    request.on("data", onData);
    request.on("end", () => resolve(Buffer.concat(parts ?? [])));
    // An error ends in a close, and is told only to who listens for it.
    request.on("close", () => {
      if (!request.readableEnded) reject(aborted(request.errored));
    });
  });
}

/**
 * Looks whether a body may be read whole, as far as its headers tell.
 * @throws {KratosError} 413 when it is said to be over the limit, 415 when it is in a coding.
 */
export function checkBody(rawHeaders: readonly string[], maxBytes: number): void {
  if (Number(firstLine(rawHeaders, "content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const coding = firstLine(rawHeaders, "content-encoding") ?? "identity";
  if (coding !== "identity") throw unknownCoding(coding);
}

function unknownCoding(coding: string): KratosError {
  return new KratosError(`the body has the content coding ${coding}, which is not understood`, {
    code: 415,
    reason: "CONTENT_ENCODING",
  });
}

/**
 * Looks whether a body can still be read.
 * @throws {KratosError} 500 when somebody, such as a body parser in front, has read it.
 */
export function assertUnread(request: IncomingMessage): void {
  if (!request.readableEnded) return;
  const length = firstLine(request.rawHeaders, "content-length") ?? "0";
  const isChunked = firstLine(request.rawHeaders, "transfer-encoding") !== undefined;
  if (isChunked || length !== "0") throw alreadyRead();
}

/** The error of a body that is gone. */
export function alreadyRead(): KratosError {
  return new KratosError("the body has been read before: body parsers must come after the server", {
    code: 500,
    reason: "BODY_READ",
  });
}

/** The error of a body over the limit. */
export function tooLarge(maxBytes: number): KratosError {
  return new KratosError(`the body is larger than ${maxBytes} bytes`, {
    code: 413,
    reason: "BODY_TOO_LARGE",
  });
}

/** The error of a body that nothing more came of. */
export function tooSlow(timeoutMs: number): KratosError {
  return new KratosError(`the body did not come within ${timeoutMs} ms`, {
    code: 408,
    reason: "REQUEST_TIMEOUT",
  });
}

/** The error of a body whose peer has left. */
export function aborted(cause: unknown): KratosError {
  return clientClosed("CLIENT_CLOSED", "the request ended before its body did", { cause });
}
