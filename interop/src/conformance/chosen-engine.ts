import { type Engine, engine, nodeHttp2 } from "@kratosjs/h2";

/** What runs HTTP/2 under gRPC in this process: what its last argument names. */
export function chosenEngine(): Engine {
  return process.argv.at(-1) === "node:http2" ? nodeHttp2() : engine();
}
