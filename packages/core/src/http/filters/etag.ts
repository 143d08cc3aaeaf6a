/**
 * Gives whole answers an ETag, and answers that a peer's copy is still good.
 *
 *     server.route("/v1/catalogue", etag());
 */
import { createHash } from "node:crypto";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import { KratosError } from "../../errors/index.ts";
import { judgeConditions } from "../files/preconditions.ts";
import { createErrorReply } from "../server/error-reply.ts";
import type { Answer, Exchange, Filter } from "../wire/exchange.ts";
import { layerExchange } from "../wire/exchange-layer.ts";
import { answerLine, withoutLines } from "./answer-fields.ts";

/** Settings of `etag`. */
export interface EtagOptions {
  /** Whether the tags say only that the content means the same, not that it has the same bytes. @default {false} */
  readonly weak?: boolean;
  /** Larger answers get no tag. @default {1048576} */
  readonly maxBytes?: number;
}

const defaults: Required<EtagOptions> = { weak: false, maxBytes: 1024 * 1024 };

/**
 * Makes a filter that gives answers with status 200 to GET and HEAD a tag of their body, unless they have one,
 * and judges If-None-Match (304) and If-Match (412) by it. The call is made all the same: it saves the wire, not
 * the work. Answers that come in pieces pass as they are. It is to stand inside of `compress`.
 * @throws {RangeError} If `maxBytes` is not a number from 0 on.
 */
export function etag(options: EtagOptions = {}): Filter {
  const { weak, maxBytes } = { ...defaults, ...options };
  if (!(maxBytes >= 0)) {
    throw new RangeError(
      `Cannot tag answers as maxBytes must be a number from 0 on: current value is ${maxBytes}`,
    );
  }
  const tagOf = (body: Uint8Array | string): string | undefined =>
    body.length > maxBytes ? undefined : `${weak ? "W/" : ""}"${hashOf(body)}"`;
  return (next) => (exchange, ctx) => {
    if (exchange.method !== "GET" && exchange.method !== "HEAD") return next(exchange, ctx);
    const reply = (answer: Answer): void => {
      const { status, body } = answer;
      const given = answerLine(exchange, answer, "etag");
      const tag = status === 200 && body !== undefined ? (given ?? tagOf(body)) : undefined;
      if (tag === undefined) return exchange.reply(answer);
      const headers = [...withoutLines(answer.headers ?? [], ["etag"]), "ETag", tag];
      answerTagged(exchange, { ...answer, headers }, tag);
    };
    return next(layerExchange(exchange, { reply, node: undefined }), ctx);
  };
}

const answerError = /* @__PURE__ */ createErrorReply(/* @__PURE__ */ defaultCodecs());

// A 304 says what a cache may have to update, and nothing of a content it does not have.
const ofContent = ["content-type", "content-length", "content-encoding", "content-language"];

function answerTagged(exchange: Exchange, answer: Answer, tag: string): void {
  const verdict = judgeConditions(exchange, { etag: tag, lastModified: undefined });
  if (verdict === "proceed") return exchange.reply(answer);
  if (verdict === "not modified") {
    return exchange.reply({ status: 304, headers: withoutLines(answer.headers ?? [], ofContent) });
  }
  const error = new KratosError("the content is not the one that was asked for", {
    code: 412,
    reason: "PRECONDITION_FAILED",
  });
  answerError(error, exchange);
}

function hashOf(body: Uint8Array | string): string {
  return createHash("sha1").update(body).digest("base64url");
}
