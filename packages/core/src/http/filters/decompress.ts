/**
 * Lets requests have packed bodies.
 *
 *     new HttpServer({ filters: [decompress()] });
 */
import { KratosError } from "../../errors/index.ts";
import { rpcProtocolOf } from "../server/rpc-protocol.ts";
import type { Exchange, Filter } from "../wire/exchange.ts";
import { layerExchange } from "../wire/exchange-layer.ts";
import { allLines } from "../wire/header-lines.ts";
import { contentCodingOf, contentCodings } from "./content-coding.ts";
import { UnpackedBody } from "./unpacked-body.ts";

/** Settings of `decompress`. */
export interface DecompressOptions {
  /** The largest body unpacked, besides what its reader allows; a larger one is a 413. @default {67108864} */
  readonly maxBytes?: number;
  /** How many times larger than what was sent a body of more than a megabyte may become, else a 413. @default {200} */
  readonly maxRatio?: number;
}

const defaults: Required<DecompressOptions> = { maxBytes: 64 * 1024 * 1024, maxRatio: 200 };

/**
 * Makes a filter that unpacks bodies with the Content-Encoding gzip, deflate or br as they are read: all behind
 * it sees them as if they had come so. Another coding, or one upon another, is a 415 that names those known.
 * Without it every coding is a 415 for those who read a body whole. Calls of the RPC protocols in other codings
 * pass, and are refused in their own words.
 * @throws {RangeError} If a limit is not above 0.
 */
export function decompress(options: DecompressOptions = {}): Filter {
  const limits = { ...defaults, ...options };
  checkLimits(limits);
  return (next) => (exchange, ctx) => {
    const name = allLines(exchange.rawHeaders, "content-encoding").join(",").trim();
    if (name === "" || name.toLowerCase() === "identity" || !exchange.hasBody) {
      return next(exchange, ctx);
    }
    const coding = contentCodingOf(name);
    if (coding !== undefined) {
      return next(layerExchange(exchange, new UnpackedBody(exchange, coding, limits)), ctx);
    }
    if (rpcProtocolOf(exchange) !== undefined) return next(exchange, ctx);
    throw unknownCoding(exchange, name);
  };
}

function checkLimits(limits: Required<DecompressOptions>): void {
  for (const [name, limit] of Object.entries(limits)) {
    if (limit > 0) continue;
    throw new RangeError(
      `Cannot unpack bodies as ${name} must be above 0: current value is ${limit}`,
    );
  }
}

function unknownCoding(exchange: Exchange, name: string): KratosError {
  exchange.replyHeader.set("Accept-Encoding", contentCodings.join(", "));
  const shown = JSON.stringify(name.slice(0, 64));
  return new KratosError(`the body has the content coding ${shown}, which is not understood`, {
    code: 415,
    reason: "CONTENT_ENCODING",
  });
}
