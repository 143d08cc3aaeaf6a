import type { Codec } from "@kratosjs/core/encoding";
import type { Protocol } from "@kratosjs/core/http/protocols";
import { type Connection, prepareCall } from "@kratosjs/core/rpc";
import { FetchSender } from "./fetch-sender.ts";
import { webCodecs, webJson, webProto } from "./web-codecs.ts";
import type { BaseConnectionOptions } from "./web-connection-options.ts";

/** Makes a connection that speaks one protocol over fetch. */
export function connectOver(protocol: Protocol, options: BaseConnectionOptions): Connection {
  const {
    baseUrl,
    middleware = [],
    timeoutMs = 15_000,
    credentials = "same-origin",
    maxResponseBytes = 16 * 1024 * 1024,
    // Called as a function of the window, or it would refuse.
    fetch = (input, init) => globalThis.fetch(input, init),
  } = options;
  const codec = codecOf(options.codec);
  const parts = {
    sender: new FetchSender({ baseUrl, credentials, fetch }),
    codec,
    codecs: webCodecs(codec),
    packing: undefined,
    maxMessageBytes: maxResponseBytes,
    userAgent: "",
  };
  return {
    prepare(method) {
      const send = protocol(method, parts);
      return prepareCall(method, { kind: "http", endpoint: baseUrl, middleware, timeoutMs, send });
    },
  };
}

function codecOf(codec: Codec | "json" | "proto" = "json"): Codec {
  if (codec === "json") return webJson();
  return codec === "proto" ? webProto() : codec;
}
