import type { ConnectionOptions } from "node:tls";
import type { Codec } from "../../encoding/index.ts";
import type { Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { Discovery } from "../../registry/index.ts";
import type { NodeFilter, SelectorBuilder } from "../../selector/index.ts";

/** Whom to trust and who to be, over TLS. */
export type HttpClientTls = Pick<
  ConnectionOptions,
  | "ca"
  | "cert"
  | "checkServerIdentity"
  | "ciphers"
  | "key"
  | "maxVersion"
  | "minVersion"
  | "passphrase"
  | "pfx"
  | "rejectUnauthorized"
  | "servername"
>;

/** Settings of an HttpClient. */
export interface HttpClientOptions {
  /** Whom to call: `host:port`, `http://host`, `https://host`, `discovery:///name`, `direct:///a:1,b:2`, `unix:/path`. */
  readonly endpoint: string;
  /** Where `discovery:` endpoints are looked up. @default none */
  readonly discovery?: Discovery;
  /** Milliseconds for unary calls that say nothing themselves; 0 is none. Streams have none. @default {2000} */
  readonly timeoutMs?: number;
  /** Around every call, outermost first. @default {[]} */
  readonly middleware?: readonly Middleware[];
  /** Sent as User-Agent. @default {""} */
  readonly userAgent?: string;
  /** Certificates and names; calls https where the endpoint names no scheme. @default none */
  readonly tls?: HttpClientTls;
  /** How many instances of a service are used at most; 0 is all. @default {25} */
  readonly subsetSize?: number;
  /** Leave out nodes, for every call. @default {[]} */
  readonly nodeFilters?: readonly NodeFilter[];
  /** Makes what chooses the node of a call. @default {wrrSelector} */
  readonly selector?: SelectorBuilder;
  /** What bodies are written in and replies are asked for; errors are read in whatever codec they come. @default {jsonCodec()} */
  readonly codec?: Codec;
  /** The largest body an answer may have, and the largest event of a stream. @default {16777216} */
  readonly maxResponseBytes?: number;
  /** How many connections are kept to one address; 0 is no limit. @default {256} */
  readonly maxConnections?: number;
  /** @default the logger of the process */
  readonly logger?: Logger;
}

/** What stands for options that are not given. */
export const defaults: Required<
  Pick<
    HttpClientOptions,
    | "timeoutMs"
    | "middleware"
    | "userAgent"
    | "subsetSize"
    | "nodeFilters"
    | "maxResponseBytes"
    | "maxConnections"
  >
> = {
  timeoutMs: 2000,
  middleware: [],
  userAgent: "",
  subsetSize: 25,
  nodeFilters: [],
  maxResponseBytes: 16 * 1024 * 1024,
  maxConnections: 256,
};
