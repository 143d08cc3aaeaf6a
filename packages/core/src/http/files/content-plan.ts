import { KratosError } from "../../errors/index.ts";
import type { AnswerHead, Exchange } from "../wire/exchange.ts";
import { firstLine } from "../wire/header-lines.ts";
import { type ByteRange, parseByteRange } from "./byte-range.ts";
import type { Content } from "./content.ts";
import { unknownContentType } from "./http-body-place.ts";
import { allowsRange, judgeConditions } from "./preconditions.ts";

/** How a content is answered: the head without its length, and which bytes follow, if any. */
export interface ContentPlan extends AnswerHead {
  readonly headers: readonly string[];
  readonly range: ByteRange | undefined;
}

/**
 * Judges the conditions and the range of a request: 200, 206 or 304. Several ranges are answered with the whole.
 * @throws {KratosError} 412 PRECONDITION_FAILED, 416 RANGE_NOT_SATISFIABLE with its Content-Range
 */
export function planContent(exchange: Exchange, content: Omit<Content, "read">): ContentPlan {
  const { sizeBytes, etag, lastModified } = content;
  const validators = { etag, lastModified };
  const verdict = judgeConditions(exchange, validators);
  if (verdict === "failed") {
    throw new KratosError("the content is not in the state the request asks for", {
      code: 412,
      reason: "PRECONDITION_FAILED",
    });
  }
  const headers = validatorHeaders(content);
  if (verdict === "not modified") return { status: 304, headers, range: undefined };
  headers.push("Content-Type", content.contentType || unknownContentType, "Accept-Ranges", "bytes");
  if (content.disposition !== undefined) headers.push("Content-Disposition", content.disposition);
  const whole = { start: 0, end: sizeBytes };
  const asked = exchange.method === "GET" ? firstLine(exchange.rawHeaders, "range") : undefined;
  if (asked === undefined || !allowsRange(exchange, validators)) {
    return { status: 200, headers, range: whole };
  }
  const range = parseByteRange(asked, sizeBytes);
  if (range === "unsatisfiable") throw notSatisfiable(exchange, asked, sizeBytes);
  if (range === undefined) return { status: 200, headers, range: whole };
  headers.push("Content-Range", `bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
  return { status: 206, headers, range };
}

function validatorHeaders({ etag, lastModified, cacheControl }: Omit<Content, "read">): string[] {
  const headers: string[] = [];
  if (etag !== undefined) headers.push("ETag", etag);
  if (lastModified !== undefined) headers.push("Last-Modified", lastModified.toUTCString());
  if (cacheControl !== undefined) headers.push("Cache-Control", cacheControl);
  return headers;
}

function notSatisfiable(exchange: Exchange, asked: string, sizeBytes: number): KratosError {
  exchange.replyHeader.set("Content-Range", `bytes */${sizeBytes}`);
  return new KratosError(`the content has ${sizeBytes} bytes: current range is ${asked}`, {
    code: 416,
    reason: "RANGE_NOT_SATISFIABLE",
  });
}
