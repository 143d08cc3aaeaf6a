import type { HttpBody } from "@kratosjs/protos/google/api/httpbody_pb.js";
import type { Exchange } from "../wire/exchange.ts";
import { planContent } from "./content-plan.ts";
import { rawContentType } from "./raw-content-type.ts";

const empty = new Uint8Array(0);

/**
 * Answers with an HttpBody as it is. Where a GET's handler has set an ETag, a Last-Modified or
 * `Accept-Ranges: bytes` on the reply header, conditions and ranges of the request are honoured.
 * @throws {KratosError} 412 PRECONDITION_FAILED, 416 RANGE_NOT_SATISFIABLE
 */
export function writeHttpBody(body: HttpBody | undefined, exchange: Exchange): void {
  const contentType = rawContentType(body?.contentType);
  const data = body?.data ?? empty;
  if (!isRanged(exchange)) {
    return exchange.reply({ status: 200, headers: ["Content-Type", contentType], body: data });
  }
  const header = exchange.replyHeader;
  const time = new Date(header.get("last-modified"));
  const { status, headers, range } = planContent(exchange, {
    contentType,
    sizeBytes: data.length,
    etag: header.get("etag") || undefined,
    lastModified: Number.isNaN(time.getTime()) ? undefined : time,
  });
  if (range !== undefined) {
    return exchange.reply({ status, headers, body: data.subarray(range.start, range.end) });
  }
  exchange.begin({ status, headers });
  exchange.end();
}

function isRanged({ method, replyHeader }: Exchange): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const names = ["etag", "last-modified", "accept-ranges"];
  return names.some((name) => replyHeader.get(name) !== "");
}
