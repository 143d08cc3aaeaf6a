/**
 * Calls services from a browser, over fetch.
 *
 *     const greeter = createClient(Greeter, createWebConnection({ baseUrl: "" }));
 *     const { message } = await greeter.sayHello({ name: "kratos" });
 */
import { type Codec, createCodecRegistry } from "@kratosjs/core/encoding";
import type { ProtocolParts } from "@kratosjs/core/http/protocols";
import { type Connection, prepareCall } from "@kratosjs/core/rpc";
import { FetchSender } from "./fetch-sender.ts";
import { loadProtocol } from "./load-protocol.ts";
import { webJson, webProto } from "./web-codecs.ts";
import { defaults, type WebConnectionOptions } from "./web-connection-options.ts";

type Settings = WebConnectionOptions & Required<Pick<WebConnectionOptions, keyof typeof defaults>>;

/**
 * Makes a connection over fetch, for `createClient`. Calls behave as over an HttpClient, but what a browser
 * does by itself: it follows redirects, unpacks bodies, and sends a stream of requests when that has ended.
 */
export function createWebConnection(options: WebConnectionOptions): Connection {
  const settings = { ...defaults, ...options };
  const { baseUrl, middleware, timeoutMs, credentials } = settings;
  const protocol = loadProtocol(settings);
  const sender = new FetchSender({
    baseUrl,
    credentials,
    // Called as a function of the window, or it would refuse.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  });
  const parts = partsOf(settings, sender);
  return {
    prepare(method) {
      const send = protocol(method, parts);
      return prepareCall(method, { kind: "http", endpoint: baseUrl, middleware, timeoutMs, send });
    },
  };
}

function partsOf(settings: Settings, sender: FetchSender): ProtocolParts {
  const codec = codecOf(settings.codec);
  return {
    sender,
    codec,
    codecs: createCodecRegistry([webJson(), webProto(), codec]),
    compression: undefined,
    compressMinBytes: 0,
    accepted: [],
    maxMessageBytes: settings.maxResponseBytes,
    userAgent: "",
  };
}

function codecOf(codec: Codec | "json" | "proto"): Codec {
  if (codec === "json") return webJson();
  return codec === "proto" ? webProto() : codec;
}
