/**
 * Packs answers for peers that understand it.
 *
 *     new HttpServer({ filters: [compress({ minBytes: 4096 })] });
 */
import type { Filter } from "../wire/exchange.ts";
import { layerExchange } from "../wire/exchange-layer.ts";
import { allLines } from "../wire/header-lines.ts";
import { chooseCoding } from "./accept-encoding.ts";
import {
  checkCompress,
  compressDefaults,
  type CompressOptions,
  compressibleTypes,
} from "./compress-options.ts";
import { PackedReply } from "./packed-reply.ts";

/**
 * Makes a filter that packs answers by the Accept-Encoding. A strong ETag becomes a weak one, and each piece of
 * an answer that comes in pieces can be read when it comes. As they are go: events, answers that have a
 * Content-Encoding or `Cache-Control: no-transform`, parts of a content, and those to HEAD.
 * It is to stand outside of filters that look at bodies. Where an answer has secrets beside what a stranger can
 * choose, its size tells about them: do not pack those.
 * @throws {TypeError | RangeError} If a setting is impossible.
 */
export function compress(options: CompressOptions = {}): Filter {
  const settings = { ...compressDefaults, ...options };
  checkCompress(settings);
  const { encodings, minBytes } = settings;
  const isCompressible = compressibleTypes(settings.types);
  return (next) => async (exchange, ctx) => {
    const coding = chooseCoding(allLines(exchange.rawHeaders, "accept-encoding"), encodings);
    const reply = new PackedReply(exchange, { coding, minBytes, isCompressible });
    try {
      await next(layerExchange(exchange, reply), ctx);
    } finally {
      await reply.packed;
    }
  };
}
