import type { Exchange } from "../wire/exchange.ts";

/** Settings of `cors`. */
export interface CorsOptions {
  /**
   * Who may call: "*" for everybody, origins such as "https://app.example.com" in full, or a function
   * that is asked for each.
   */
  readonly origins: "*" | readonly string[] | ((origin: string, exchange: Exchange) => boolean);
  /** Methods that may be used, besides the simple ones. @default {["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]} */
  readonly methods?: readonly string[];
  /** Request headers that may be sent; "*" for whatever is asked for. @default those of Connect and gRPC-Web, Content-Type and Authorization */
  readonly headers?: "*" | readonly string[];
  /** Reply headers that scripts may read; "*" for all, which has no effect where credentials are sent. @default those of Connect and gRPC-Web */
  readonly exposedHeaders?: "*" | readonly string[];
  /** Whether cookies and client certificates may be sent along. @default {false} */
  readonly credentials?: boolean;
  /** Milliseconds a browser may remember the answer to a preflight, sent as whole seconds; Chromium takes two hours at most. @default {7200000} */
  readonly maxAgeMs?: number;
}

/** What stands for options that are not given. */
export const corsDefaults: Required<Omit<CorsOptions, "origins">> = {
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  headers: [
    "Authorization",
    "Connect-Protocol-Version",
    "Connect-Timeout-Ms",
    "Connect-Accept-Encoding",
    "Connect-Content-Encoding",
    "Content-Encoding",
    "Content-Type",
    "Grpc-Accept-Encoding",
    "Grpc-Encoding",
    "Grpc-Timeout",
    "X-Grpc-Web",
    "X-User-Agent",
  ],
  exposedHeaders: [
    "Connect-Accept-Encoding",
    "Connect-Content-Encoding",
    "Content-Encoding",
    "Grpc-Accept-Encoding",
    "Grpc-Encoding",
    "Grpc-Message",
    "Grpc-Status",
    "Grpc-Status-Details-Bin",
  ],
  credentials: false,
  maxAgeMs: 7_200_000,
};

/** @throws {TypeError | RangeError} If a setting is impossible, or two of them together. */
export function checkCors(settings: Required<CorsOptions>): void {
  const { origins, methods, headers, exposedHeaders, credentials, maxAgeMs } = settings;
  if (credentials && origins === "*") {
    throw new TypeError(
      'Cannot allow credentials to every origin as browsers refuse it: current value is "*"',
    );
  }
  if (origins !== "*" && typeof origins !== "function") checkOrigins(origins, credentials);
  checkNames("methods", methods);
  if (headers !== "*") checkNames("headers", headers);
  if (exposedHeaders !== "*") checkNames("exposedHeaders", exposedHeaders);
  else if (credentials) {
    throw new TypeError(
      'Cannot expose headers to requests with credentials as browsers want them named: current value is "*"',
    );
  }
  if (!Number.isInteger(maxAgeMs) || maxAgeMs < 0) {
    throw new RangeError(
      `Cannot use maxAgeMs as it must be a whole number of milliseconds from 0 on: current value is ${maxAgeMs}`,
    );
  }
}

function checkOrigins(origins: readonly string[], credentials: boolean): void {
  if (origins.length === 0) {
    throw new TypeError("Cannot allow origins as there must be one at least: current value is []");
  }
  for (const origin of origins) {
    // Any page in a sandbox has the origin "null".
    if (origin === "null" && !credentials) continue;
    if (!/[*,]/.test(origin) && URL.canParse(origin) && originOf(origin) === origin) continue;
    throw new TypeError(
      `Cannot allow an origin as it must be a scheme, a host and a port that is not the scheme's own: current value is ${JSON.stringify(origin)}`,
    );
  }
}

function originOf(url: string): string | undefined {
  const { origin } = new URL(url);
  return origin === "null" ? undefined : origin;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function checkNames(option: string, names: readonly string[]): void {
  for (const name of names) {
    if (token.test(name) && name !== "*") continue;
    throw new TypeError(
      `Cannot use ${option} as each must be the name of one: current value is ${JSON.stringify(name)}`,
    );
  }
}
