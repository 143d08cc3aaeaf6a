import type { Settings } from "./create-edge.ts";
import { defaults, type HttpServerOptions } from "./http-server-options.ts";

/**
 * Completes the options of a server, and refuses times, sizes and counts that are none, as a timer or a comparison
 * would take them for something else.
 * @throws {RangeError} If one that is given is no number from 0 on.
 */
export function completeSettings(options: HttpServerOptions): Settings {
  const settings = { ...defaults, ...options };
  for (const name of names) check(name, settings[name]);
  for (const name of webSocketNames) check(`webSocket.${name}`, settings.webSocket?.[name]);
  return settings;
}

const names = [
  "timeoutMs",
  "maxBodyBytes",
  "headersTimeoutMs",
  "requestTimeoutMs",
  "bodyIdleTimeoutMs",
  "drainDelayMs",
  "keepAliveTimeoutMs",
  "maxHeaderBytes",
  "maxConnections",
  "heartbeatMs",
  "writeTimeoutMs",
] as const;

const webSocketNames = [
  "maxMessageBytes",
  "pingIntervalMs",
  "idleTimeoutMs",
  "handshakeTimeoutMs",
] as const;

function check(name: string, value: number | undefined): void {
  // A text that looks like a number would pass for one here, and not where it is counted with.
  if (value === undefined || (typeof value === "number" && value >= 0)) return;
  throw new RangeError(
    `Cannot make an HttpServer as '${name}' must be 0 or more: current value is ${value}`,
  );
}
