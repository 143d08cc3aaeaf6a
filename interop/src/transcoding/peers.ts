import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { HttpClient, HttpServer } from "@kratosjs/core/http";
import type { ServiceImpl } from "@kratosjs/core/rpc";
import { Kinds } from "../gen/transcoding/v1/kinds_pb.ts";
import { Library } from "../gen/transcoding/v1/library_pb.ts";
import { Messaging } from "../gen/transcoding/v1/messaging_pb.ts";
import { Operations } from "../gen/transcoding/v1/operations_pb.ts";
import { Policies } from "../gen/transcoding/v1/policies_pb.ts";
import { Storage } from "../gen/transcoding/v1/storage_pb.ts";

export const services: readonly DescService[] = [
  Library,
  Storage,
  Operations,
  Messaging,
  Policies,
  Kinds,
];

/** What a handler was given. */
export interface Received {
  readonly method: DescMethod;
  readonly message: Message;
}

/** A server of all services, which keeps what it is sent and answers what it is told. */
export class Peer {
  readonly #server: HttpServer = new HttpServer({ address: "127.0.0.1:0", timeoutMs: 0 });
  #received: Received[] = [];
  #reply: Message | undefined;

  constructor() {
    for (const service of services) this.#server.register(service, this.#implement(service));
  }

  async start(): Promise<URL> {
    await this.#server.start();
    return this.#server.endpoint();
  }

  async stop(): Promise<void> {
    await this.#server.stop(AbortSignal.abort());
  }

  /** Answers this from now on. */
  answer(reply: Message | undefined): void {
    this.#reply = reply;
    this.#received = [];
  }

  /** What came since. @throws {Error} If it is not one call. */
  taken(): Received {
    const [only] = this.#received;
    if (only === undefined || this.#received.length > 1)
      throw new Error(`${this.#received.length} calls came`);
    return only;
  }

  #implement(service: DescService): ServiceImpl<DescService> {
    const handlers = service.methods.map((method) => {
      const handler = async (message: Message): Promise<object> => {
        this.#received.push({ method, message });
        return this.#reply ?? {};
      };
      return [method.localName, handler] as const;
    });
    return Object.fromEntries(handlers) as unknown as ServiceImpl<DescService>; // one for each method
  }
}

/** The wires every case is on. */
export const wires = ["1.1", "2"] as const;

export type Wire = (typeof wires)[number];

/** Connects to the peer over one of them. */
export function connectPeer(endpoint: URL, http: Wire): HttpClient {
  return new HttpClient({ endpoint: endpoint.origin, http, timeoutMs: 10_000 });
}
