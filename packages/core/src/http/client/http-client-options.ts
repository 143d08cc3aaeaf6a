import type { ConnectionOptions } from "node:tls";
import type { Engine } from "@kratosjs/h2";
import type { Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { Discovery } from "../../registry/index.ts";
import type { NodeFilter, SelectorBuilder } from "../../selector/index.ts";
import type {
  ErrorDecoder,
  RequestEncoder,
  ResponseDecoder,
  RestStreamForm,
  StreamOpener,
} from "../protocols/index.ts";
import type { CodecChoice, CodecsByMethod } from "./method-codecs.ts";
import type { RoundTrip } from "./round-trip.ts";

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
  /** How calls look: by their google.api.http rules, or by one of the protocols of gRPC's family. @default {"rest"} */
  readonly protocol?: "rest" | "connect" | "grpc-web" | "grpc-web-text";
  /** The version of HTTP; over TLS the peer has to agree to "2", in clear text it has to know. @default {"1.1"} */
  readonly http?: "1.1" | "2";
  /** What messages are written in and asked for; errors of REST are read in whatever codec they come. @default {"json"} */
  readonly codec?: CodecChoice;
  /** Other codecs for some methods: by "/package.Service/Method", or "/package.Service/*" for a service. @default {} */
  readonly codecs?: CodecsByMethod;
  /** How requests are packed, for servers that unpack them; all of these are understood in answers. @default {"identity"} */
  readonly compression?: "gzip" | "br" | "deflate" | "identity";
  /** Smaller requests are not packed. @default {1024} */
  readonly compressMinBytes?: number;
  /** Whether the Connect protocol uses GET for methods that declare NO_SIDE_EFFECTS. @default {false} */
  readonly connectGet?: boolean;
  /** What REST asks for where replies are a stream. @default {"sse"} */
  readonly streams?: RestStreamForm;
  /** Makes the REST calls of methods that stream requests, but for uploads of google.api.HttpBody. @default WebSockets by the rules of the methods; 501 without a rule */
  readonly openStream?: StreamOpener;
  /** What runs HTTP/2. @default the engine of `@kratosjs/h2` */
  readonly engine?: Engine;
  /** Writes the bodies of REST requests. @default the codec of the call */
  readonly requestEncoder?: RequestEncoder;
  /** Reads the bodies of REST replies that are no stream. @default the codec of their Content-Type */
  readonly responseDecoder?: ResponseDecoder;
  /** Reads REST and raw answers whose status is not 200 to 299. @default a Kratos error in the codec of their Content-Type */
  readonly errorDecoder?: ErrorDecoder;
  /**
   * Wraps how requests go out: inside of the middlewares, around the choice of a node and its retries. One that
   * never calls `next` replaces the wire. WebSockets do not go through it. @default none
   */
  readonly transport?: (next: RoundTrip) => RoundTrip;
  /** The largest message an answer may have, packed or unpacked. @default {16777216} */
  readonly maxResponseBytes?: number;
  /** How many connections are kept to one address; 0 is no limit. @default {256}, and 4 over HTTP/2 */
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
    | "protocol"
    | "http"
    | "codec"
    | "codecs"
    | "compression"
    | "compressMinBytes"
    | "connectGet"
    | "streams"
  >
> = {
  timeoutMs: 2000,
  middleware: [],
  userAgent: "",
  subsetSize: 25,
  nodeFilters: [],
  maxResponseBytes: 16 * 1024 * 1024,
  protocol: "rest",
  http: "1.1",
  codec: "json",
  codecs: {},
  compression: "identity",
  compressMinBytes: 1024,
  connectGet: false,
  streams: "sse",
};
