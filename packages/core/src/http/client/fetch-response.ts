import { type Context, onEnd } from "../../context/index.ts";
import type { HttpReply } from "../protocols/index.ts";
import { transportError } from "./transport-error.ts";

/**
 * Makes a Response of an answer. Its body comes as it is read; the call is over when that is at its end, is
 * cancelled, or when the context ends.
 */
export function fetchResponse(
  reply: HttpReply,
  { ctx, method }: { readonly ctx: Context; readonly method: string },
): Response {
  const init = { status: reply.status, headers: headersOf(reply) };
  if (method === "HEAD" || bodiless.has(reply.status)) {
    reply.end();
    return new Response(null, init);
  }
  return new Response(bodyOf(reply, ctx), init);
}

// A Response of these must have no body.
const bodiless: ReadonlySet<number> = new Set([204, 205]);

function bodyOf(reply: HttpReply, ctx: Context): ReadableStream<Uint8Array> {
  let isOver = false;
  const finish = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    watch.cancel();
    reply.end(error);
  };
  // Without a reader nobody else would tell that the call is over.
  const watch = onEnd(ctx, (reason) => finish(transportError(reason)));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const piece = await reply.read();
        if (piece !== undefined) return controller.enqueue(piece);
        finish();
        return controller.close();
      } catch (error) {
        finish(error);
        throw error;
      }
    },
    cancel: () => finish(),
  });
}

function headersOf({ header }: HttpReply): Headers {
  const headers = new Headers();
  for (const [name, values] of header.entries()) {
    for (const value of values) headers.append(name, byteString(value));
  }
  return headers;
}

/** Headers hold bytes: what was read as UTF-8 goes back into them. */
function byteString(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value).toString("latin1") : value;
}
