import { BufferedSink, type BufferedSinkOptions } from "./buffered-sink.ts";
import type { Sink } from "./sink.ts";

let shared: BufferedSink | undefined;

/** The sink of loggers without a destination. Those with the default buffer share one, so that their lines stay in order. */
export function stderrSink(
  options: Pick<BufferedSinkOptions, "bufferBytes" | "flushIntervalMs">,
): Sink {
  if (options.bufferBytes !== undefined || options.flushIntervalMs !== undefined)
    return new BufferedSink(options);
  shared ??= new BufferedSink();
  return shared;
}
