import {
  type DescMessage,
  type DescMethod,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { background, type Context, withCancel } from "@kratosjs/core/context";
import {
  decodeGrpcStatus,
  encodeGrpcStatus,
  fromGrpcStatus,
  KratosError,
  toGrpcStatus,
} from "@kratosjs/core/errors";
import {
  type Handler,
  isAsyncIterable,
  type Middleware,
  MiddlewareTable,
} from "@kratosjs/core/middleware";
import {
  type AnyService,
  bindService,
  callOptions,
  type ClientCall,
  composeOperation,
  type Connection,
  mapStream,
  operationName,
  prepareCall,
  type ServiceImpl,
} from "@kratosjs/core/rpc";
import {
  clientTransport,
  HeaderMap,
  type Transport,
  withServerTransport,
} from "@kratosjs/core/transport";

export interface MemoryConnectionOptions {
  /** The server's middlewares. @default {[]} */
  readonly middleware?: readonly Middleware[];
  /** The client's middlewares. @default {[]} */
  readonly clientMiddleware?: readonly Middleware[];
  /** Milliseconds for unary calls that say nothing themselves; 0 is none. @default {2000} */
  readonly timeoutMs?: number;
  /** The root of the calls' contexts on the server. @default {background} */
  readonly context?: Context;
}

const defaults = {
  middleware: [],
  clientMiddleware: [],
  timeoutMs: 2000,
  context: background,
} satisfies Required<MemoryConnectionOptions>;

/**
 * A server and the way to it in one process, without sockets: services are registered as on a server,
 * `createClient(Service, connection)` calls them.
 *
 * All that a wire does to a call is done: messages are encoded and decoded, errors become a gRPC status
 * and back, headers go both ways, the deadline and the end of the caller reach the server's context.
 */
export class MemoryConnection implements Connection {
  readonly #options: Required<MemoryConnectionOptions>;
  readonly #handlers: Map<string, Handler> = new Map();

  constructor(options: MemoryConnectionOptions = {}) {
    this.#options = { ...defaults, ...options };
  }

  /** Serves the service. */
  register<S extends AnyService>(service: S, implementation: ServiceImpl<S>): this {
    const table = new MiddlewareTable(this.#options.middleware);
    for (const operation of bindService(service, implementation)) {
      this.#handlers.set(operation.name, composeOperation(operation, table));
    }
    return this;
  }

  prepare(method: DescMethod): ClientCall {
    const { clientMiddleware, timeoutMs } = this.#options;
    return prepareCall(method, {
      kind: "memory",
      endpoint: "memory:",
      middleware: clientMiddleware,
      timeoutMs,
      send: (request, context) => this.#send(method, { request, context }),
    });
  }

  async #send(method: DescMethod, call: { request: unknown; context: Context }): Promise<unknown> {
    const name = operationName(method);
    const handler = this.#handlers.get(name);
    if (handler === undefined) {
      throw new KratosError(`unknown method ${name}`, { code: 501, reason: "UNIMPLEMENTED" });
    }
    const outgoing = clientTransport(call.context);
    const transport: Transport = {
      kind: "memory",
      endpoint: "memory:",
      operation: name,
      method,
      requestHeader: copyHeader(outgoing?.requestHeader),
      replyHeader: outgoing?.replyHeader ?? new HeaderMap(),
    };
    const served = serverContext(this.#options.context, call.context);
    const request = carry(method.input, call.request);
    const reply = overWire(handler(request, withServerTransport(served.context, transport)));
    const answered = await untilEnd(reply, call.context.signal).catch((error: unknown) => {
      served.cancel();
      throw error;
    });
    const { onHeader, onTrailer } = callOptions(call.context);
    onHeader?.(transport.replyHeader);
    onTrailer?.(new HeaderMap());
    return carry(method.output, answered);
  }
}

/** The server sees the caller's deadline and end, and none of its values. */
function serverContext(root: Context, caller: Context) {
  const { deadline } = caller;
  return withCancel(root.withSignal(caller.signal), deadline === undefined ? {} : { deadline });
}

function copyHeader(header: Transport["requestHeader"] | undefined): HeaderMap {
  return new HeaderMap((header?.keys() ?? []).map((name) => [name, header?.values(name) ?? []]));
}

/** Through the bytes of the wire, so that neither side can change the other's message. */
function carry(schema: DescMessage, value: unknown): unknown {
  const message = (item: unknown): Message => fromBinary(schema, toBinary(schema, item as Message)); // both sides' bindings check the type
  return isAsyncIterable(value) ? mapStream(failing(value), message) : message(value);
}

async function* failing(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* stream;
  } catch (error) {
    throw throughStatus(error);
  }
}

async function overWire(reply: Promise<unknown>): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    throw throughStatus(error);
  }
}

function throughStatus(error: unknown): KratosError {
  return fromGrpcStatus(decodeGrpcStatus(encodeGrpcStatus(toGrpcStatus(error))));
}

/** The caller does not wait for a server that goes on after the end. */
function untilEnd(reply: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(throughStatus(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    reply.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
