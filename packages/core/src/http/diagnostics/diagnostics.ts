/**
 * The pages a server has on itself, off by default: `/debug/vars`, `/debug/routes`, `/debug/pprof/profile` and
 * `/debug/pprof/heap`. Who may see them is asked by the address; more is the part of filters.
 */
import { getHeapSnapshot } from "node:v8";
import type { Context } from "../../context/index.ts";
import { badRequest, conflict, KratosError, notFound } from "../../errors/index.ts";
import { splitTarget } from "../server/request-path.ts";
import type { Exchange, ExchangeHandler } from "../wire/exchange.ts";
import { accessFor } from "./access.ts";
import { cpuProfile } from "./cpu-profile.ts";
import { diagnosticsDefaults, type DiagnosticsOptions } from "./diagnostics-options.ts";
import { ProcessVitals, type ServerVitals } from "./vitals.ts";

/** What the pages are about. */
export interface DiagnosticsSubject {
  readonly vitals: () => ServerVitals;
  readonly routes: () => readonly { readonly method: string; readonly path: string }[];
  /** Answers those who may not see them as if there were none. */
  readonly refuse: ExchangeHandler | undefined;
}

const mostSeconds = 60;

/** Answers the pages a server has on itself. */
export class Diagnostics {
  /** What the paths of all pages begin with. */
  readonly prefix: string;
  readonly #subject: DiagnosticsSubject;
  readonly #mayRead: (exchange: Exchange) => boolean;
  readonly #process: ProcessVitals = new ProcessVitals();
  #isBusy = false;

  /** @throws {TypeError} If the prefix is no path, or an address is none. */
  constructor(options: true | DiagnosticsOptions, subject: DiagnosticsSubject) {
    const { prefix, allow } = { ...diagnosticsDefaults, ...(options === true ? {} : options) };
    if (!/^(?:\/[\w.~-]+)+$/.test(prefix)) {
      throw new TypeError(
        `Cannot show diagnostics as prefix must be a path such as "/debug": current value is ${JSON.stringify(prefix)}`,
      );
    }
    this.prefix = `${prefix}/`;
    this.#subject = subject;
    this.#mayRead = accessFor(allow);
  }

  /** @throws {KratosError} 404, 405, 400 for a time that is none, 409 while another profile is made */
  async serve(exchange: Exchange, ctx: Context): Promise<void> {
    if (!this.#mayRead(exchange)) {
      if (this.#subject.refuse === undefined) throw noRoute();
      return this.#subject.refuse(exchange, ctx);
    }
    const { path, query } = splitTarget(exchange.target);
    const page = path.slice(this.prefix.length);
    if (exchange.method !== "GET") throw onlyGet(exchange);
    if (page === "vars") return answerJson(exchange, this.#vars());
    if (page === "routes") return answerJson(exchange, this.#subject.routes());
    if (page === "pprof/profile") {
      const durationMs = secondsOf(query) * 1000;
      return this.#alone(() => answerProfile(exchange, { ctx, durationMs }));
    }
    if (page === "pprof/heap") return this.#alone(() => answerHeap(exchange));
    throw noRoute();
  }

  /** Ends what watches the process. */
  close(): void {
    this.#process.close();
  }

  #vars(): unknown {
    return { ...this.#process.read(), server: this.#subject.vitals() };
  }

  /** Profiles slow the process down: one at a time. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#isBusy) throw conflict("DIAGNOSTICS_BUSY", "another profile is being made");
    this.#isBusy = true;
    try {
      await work();
    } finally {
      this.#isBusy = false;
    }
  }
}

async function answerProfile(
  exchange: Exchange,
  { ctx, durationMs }: { readonly ctx: Context; readonly durationMs: number },
): Promise<void> {
  const body = await cpuProfile(durationMs, ctx);
  const headers = headersOf("application/json", "cpu.cpuprofile");
  if (!exchange.closed) exchange.reply({ status: 200, headers, body });
}

async function answerHeap(exchange: Exchange): Promise<void> {
  exchange.begin({ status: 200, headers: headersOf("application/json", "heap.heapsnapshot") });
  for await (const chunk of getHeapSnapshot()) {
    if (!exchange.write(chunk as Buffer)) await exchange.drained(); // a snapshot is bytes
    if (exchange.closed) return;
  }
  exchange.end();
}

function answerJson(exchange: Exchange, value: unknown): void {
  const body = `${JSON.stringify(value, undefined, 2)}\n`;
  exchange.reply({ status: 200, headers: headersOf("application/json"), body });
}

function headersOf(contentType: string, fileName?: string): readonly string[] {
  const headers = ["Content-Type", contentType, "Cache-Control", "no-store"];
  headers.push("X-Content-Type-Options", "nosniff");
  if (fileName !== undefined) {
    headers.push("Content-Disposition", `attachment; filename="${fileName}"`);
  }
  return headers;
}

/** How long to profile: 30 seconds where nothing is said, and 60 at most. */
function secondsOf(query: string): number {
  const text = new URLSearchParams(query).get("seconds") ?? "30";
  const seconds = Number(text);
  if (text === "" || !(seconds > 0)) {
    throw badRequest("SECONDS", "seconds must be a number above 0");
  }
  return Math.min(seconds, mostSeconds);
}

function noRoute(): KratosError {
  return notFound("NOT_FOUND", "no route has this path");
}

function onlyGet(exchange: Exchange): KratosError {
  exchange.replyHeader.set("Allow", "GET");
  return new KratosError("the path has no route for this method", {
    code: 405,
    reason: "METHOD_NOT_ALLOWED",
  });
}
