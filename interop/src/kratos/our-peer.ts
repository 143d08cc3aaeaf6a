import { setTimeout as sleep } from "node:timers/promises";
import { fromJson, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";
import { background, type Context } from "@kratosjs/core/context";
import { fromError, KratosError } from "@kratosjs/core/errors";
import { GrpcClient, GrpcServer } from "@kratosjs/core/grpc";
import { HttpClient, HttpServer } from "@kratosjs/core/http";
import { appendToClientContext, serverMetadata } from "@kratosjs/core/metadata";
import { forwardMetadata, metadata } from "@kratosjs/core/middleware/metadata";
import { recovery } from "@kratosjs/core/middleware/recovery";
import { type Connection, createClient, type ServiceImpl } from "@kratosjs/core/rpc";
import { serverTransport } from "@kratosjs/core/transport";
import { type FailRequest, Peer } from "../gen/kratos/v1/peer_pb.ts";
import type { Addresses, Call, Caller, Outcome, Wire } from "./call.ts";

const serverTimeoutMs = 500;
const clientTimeoutMs = 10_000;

/** Our servers of the service. */
export class OurServer {
  readonly #http: HttpServer;
  readonly #grpc: GrpcServer;
  /** How many callers have left while they waited. */
  gone = 0;

  constructor() {
    const options = {
      address: "127.0.0.1:0",
      timeoutMs: serverTimeoutMs,
      middleware: [recovery(), metadata()],
    };
    this.#http = new HttpServer(options);
    this.#grpc = new GrpcServer(options);
    const service = peerService(() => (this.gone += 1));
    this.#http.register(Peer, service);
    this.#grpc.register(Peer, service);
  }

  async start(): Promise<Addresses> {
    await Promise.all([this.#http.start(), this.#grpc.start()]);
    const [http, grpc] = await Promise.all([this.#http.endpoint(), this.#grpc.endpoint()]);
    return { http: http.host, grpc: grpc.host };
  }

  async stop(): Promise<void> {
    const now = AbortSignal.abort();
    await Promise.all([this.#http.stop(now), this.#grpc.stop(now)]);
  }
}

function peerService(onGone: () => void): ServiceImpl<typeof Peer> {
  return {
    get: (thing) => thing,
    getDeep: (thing) => thing,
    create: (thing) => thing,
    update: (request) => request,
    remove: () => ({}),
    fail(request) {
      throw failureOf(request);
    },
    async wait({ time }, ctx) {
      try {
        await sleep(time, undefined, { signal: ctx.signal });
      } catch (error) {
        onGone();
        throw error;
      }
      return told(ctx);
    },
    tell: (_request, ctx) => told(ctx),
    async *watch({ count, fail }) {
      for (let at = 0; at < count; at += 1) yield { count: at };
      if (fail !== undefined) throw failureOf(fail);
    },
    async *talk(things) {
      yield* things;
    },
  };
}

function failureOf({ code, reason, message, metadata: facts }: FailRequest): Error {
  if (code === 0) return new Error(message);
  return new KratosError(message, { code, reason, metadata: facts });
}

function told(ctx: Context) {
  const transport = serverTransport(ctx);
  transport?.replyHeader.set("x-told-by", "ours");
  const all = [...(serverMetadata(ctx)?.entries() ?? [])].map(([name, [value = ""]]) => [
    name,
    value,
  ]);
  return {
    metadata: Object.fromEntries(all) as Record<string, string>, // pairs of texts
    operation: transport?.operation ?? "",
    kind: transport?.kind ?? "",
    leftMs: BigInt(ctx.deadline === undefined ? 0 : Math.floor(ctx.deadline - Date.now())),
    userAgent: transport?.requestHeader.get("user-agent") ?? "",
  };
}

/** Our clients of a server. */
export class OurCaller implements Caller {
  readonly #connections: Readonly<Record<Wire, (Connection & AsyncCloser)[]>>;

  constructor({ http, grpc }: Addresses) {
    const options = { timeoutMs: clientTimeoutMs, middleware: [forwardMetadata()] };
    const overGrpc = { ...options, endpoint: grpc };
    this.#connections = {
      http: [new HttpClient({ ...options, endpoint: `http://${http}` })],
      grpc: [new GrpcClient(overGrpc), new GrpcClient({ ...overGrpc, compression: "gzip" })],
    };
  }

  async call(wire: Wire, call: Call): Promise<Outcome> {
    const [plain, packing] = this.#connections[wire];
    const connection = call.gzip === true ? packing : plain;
    if (connection === undefined) throw new Error(`no connection over ${wire}`);
    const outputs: JsonObject[] = [];
    let header = "";
    try {
      const onHeader = (got: { get(name: string): string }): void => {
        header = got.get("x-told-by");
      };
      const replies = invoke(connection, call, { ...optionsOf(call), onHeader });
      if (Symbol.asyncIterator in replies) {
        for await (const reply of replies) outputs.push(jsonOf(call, reply));
        return { outputs };
      }
      return { output: jsonOf(call, await replies), header };
    } catch (thrown) {
      const { code, reason, message, metadata: facts } = fromError(thrown);
      return { outputs, error: { code, reason, message, metadata: facts } };
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      Object.values(this.#connections)
        .flat()
        .map((connection) => connection.close()),
    );
  }
}

interface AsyncCloser {
  close(): Promise<void>;
}

type Invoke = (request: unknown, options: object) => Promise<Message> | AsyncIterable<Message>;

function invoke(connection: Connection, call: Call, options: object): ReturnType<Invoke> {
  const method = methodOf(call);
  const client = createClient(Peer, connection) as unknown as Readonly<Record<string, Invoke>>; // called by name
  const requests = (call.inputs ?? [call.input ?? {}]).map((json) => fromJson(method.input, json));
  const { methodKind, localName } = method;
  const isStream = methodKind === "client_streaming" || methodKind === "bidi_streaming";
  const run = client[localName];
  if (run === undefined) throw new Error(`no method ${localName}`);
  return run(isStream ? inTurn(requests) : requests[0], options);
}

async function* inTurn<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

function optionsOf({ metadata: sent = {}, timeoutMs, cancelAfterMs, contentType }: Call): object {
  const context = appendToClientContext(background, ...Object.entries(sent).flat());
  return {
    context,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(cancelAfterMs !== undefined && { signal: AbortSignal.timeout(cancelAfterMs) }),
    ...(contentType !== undefined && { contentType }),
  };
}

function methodOf({ method: name }: Call): (typeof Peer.methods)[number] {
  const method = Peer.methods.find((known) => known.name === name);
  if (method === undefined) throw new Error(`no method ${name}`);
  return method;
}

function jsonOf(call: Call, message: Message): JsonObject {
  return toJson(methodOf(call).output, message as never) as JsonObject; // a message's JSON is an object
}
