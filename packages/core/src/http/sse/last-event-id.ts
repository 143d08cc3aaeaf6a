import type { Context } from "../../context/index.ts";
import { serverTransport } from "../../transport/index.ts";

/** The id of the last event the peer has seen, when it comes back to a stream; "" when it is new. */
export function lastEventId(context: Context): string {
  return serverTransport(context)?.requestHeader.get("last-event-id") ?? "";
}
