import type { Logger } from "@kratosjs/core/log";
import type { Middleware } from "@kratosjs/core/middleware";
import { logging } from "@kratosjs/core/middleware/logging";
import { metadata } from "@kratosjs/core/middleware/metadata";
import { recovery } from "@kratosjs/core/middleware/recovery";

/** What wraps every call of both servers, outermost first. */
export function serverMiddleware(logger: Logger): readonly Middleware[] {
  return [recovery({ logger }), metadata(), logging({ logger })];
}
