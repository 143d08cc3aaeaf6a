import type { Context } from "../../context/index.ts";
import { httpTransport } from "./http-transport.ts";

/** Renames the call for the middlewares and logs to come; does nothing outside a call over HTTP. */
export function setOperation(context: Context, name: string): void {
  httpTransport(context)?.setOperation(name);
}
