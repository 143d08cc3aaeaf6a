import { create } from "@bufbuild/protobuf";
import type { ClientCompatRequest_Cancel } from "../gen/connectrpc/conformance/v1/client_compat_pb.ts";
import {
  type ConformancePayload,
  ConformancePayloadSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.ts";

type Timing = ClientCompatRequest_Cancel["cancelTiming"];

/** How far one call is, and its end where the runner wants it cancelled. */
export class CallProgress {
  readonly payloads: ConformancePayload[] = [];
  sent = 0;
  readonly #timing: Timing | undefined;
  readonly #controller: AbortController = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #over = false;

  constructor(cancel: ClientCompatRequest_Cancel | undefined) {
    const timing = cancel?.cancelTiming;
    // Said without a moment, it is right after the requests.
    const unsaid: Timing = { case: "afterCloseSendMs", value: 0 };
    this.#timing = timing !== undefined && timing.case === undefined ? unsaid : timing;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** All requests are sent, but for the end of them. */
  beforeClose(): void {
    if (this.#timing?.case === "beforeCloseSend") this.#controller.abort();
  }

  /** The requests are ended, or about to be. */
  closed(): void {
    if (this.#timing?.case !== "afterCloseSendMs") return;
    setTimeout(() => this.#controller.abort(), this.#timing.value);
  }

  answered(payload: ConformancePayload | undefined): void {
    // An empty message is an answer too.
    this.payloads.push(payload ?? create(ConformancePayloadSchema));
    const timing = this.#timing;
    if (timing?.case === "afterNumResponses" && timing.value === this.payloads.length) {
      this.#controller.abort();
    }
    this.#wake();
  }

  /** The call is over. */
  end(): void {
    this.#over = true;
    this.#wake();
  }

  /** Waits until there are as many answers, or there will be no more. */
  async answers(count: number): Promise<void> {
    while (!this.#over && this.payloads.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
