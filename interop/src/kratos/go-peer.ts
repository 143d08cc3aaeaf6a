import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_kratos_v1_peer } from "../gen/kratos/v1/peer_pb.ts";
import { goTool } from "../go-tools.ts";
import type { Addresses, Call, Caller, Outcome, Wire } from "./call.ts";

/** A process of Go Kratos: it serves the service, and calls another's. One order at a time. */
export class GoPeer implements Caller {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#process = spawn(goTool("./peers/kratos", "kratos-peer"));
    this.#process.stderr.pipe(process.stderr);
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Starts its servers. */
  serve(): Promise<Addresses> {
    return this.#order({ do: "serve", schema: Buffer.from(descriptors()).toString("base64") });
  }

  /** Says whom `call` calls. */
  async dial({ http, grpc }: Addresses): Promise<void> {
    await this.#order({ do: "dial", http, grpc });
  }

  call(wire: Wire, call: Call): Promise<Outcome> {
    return this.#order({ do: "call", wire, ...call });
  }

  /** How many callers of its server have left while they waited. */
  async gone(): Promise<number> {
    return (await this.#order<{ readonly gone: number }>({ do: "gone" })).gone;
  }

  stop(): void {
    this.#reader.close();
    this.#process.kill("SIGKILL");
  }

  #order<T>(order: object): Promise<T> {
    const answer = this.#last.then(async () => {
      this.#process.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error("the peer of Go Kratos has ended");
      return JSON.parse(value) as T; // the peer's answers are as the orders ask
    });
    this.#last = answer.catch(() => {});
    return answer;
  }
}

/** The service's file and all it imports, those first. */
function descriptors(): Uint8Array {
  const files = new Set<DescFile>();
  const add = (file: DescFile): void => {
    for (const needed of file.dependencies) add(needed);
    files.add(file);
  };
  add(file_kratos_v1_peer);
  const set = { file: [...files].map(({ proto }) => proto) };
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, set));
}
