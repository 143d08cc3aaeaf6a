import type { Context } from "../context/index.ts";

/** A layer around H: takes what is inside, answers what to call instead. */
export type Wrap<H> = (next: H) => H;

/** A call: the message, or an AsyncIterable of messages on a streaming side, to the reply likewise. */
export type Handler = (request: unknown, ctx: Context) => Promise<unknown>;

/** The one middleware type: both edges, both sides of the wire. */
export type Middleware = Wrap<Handler>;

/** Joins layers into one; the first one listed is the outermost. */
export function chain<H>(...layers: readonly Wrap<H>[]): Wrap<H> {
  return (next) => layers.reduceRight((inner, wrap) => wrap(inner), next);
}
