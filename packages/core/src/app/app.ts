import { randomUUID } from "node:crypto";
import { background, type Context, detach, sleep, withCancel } from "../context/index.ts";
import { defaultLogger, setDefaultLogger } from "../log/index.ts";
import type { ServiceInstance } from "../registry/index.ts";
import { checkLimits, type Server } from "../transport/index.ts";
import { type AppInfo, withAppInfo } from "./app-info.ts";
import type { AppOptions, Hook } from "./app-options.ts";
import { Failures } from "./failures.ts";
import { trapSignals } from "./signal-trap.ts";

const defaults = {
  signals: ["SIGTERM", "SIGQUIT", "SIGINT"],
  registrarTimeoutMs: 10_000,
  stopTimeoutMs: 0,
  drainDelayMs: 0,
} as const satisfies AppOptions;

/**
 * Runs servers as one application: starts them, registers the instance, and takes it all down again
 * in reverse, through every error.
 *
 *     await new App({ name: "helloworld", servers: [http, grpc], registrar: localRegistry() }).run();
 *
 * Order: endpoints, beforeStart, servers start, register, afterStart; then, on `stop()`, a signal, the
 * end of the context or the failure of a server: beforeStop, deregister, servers drain, afterStop.
 * After go-kratos v2.9.2 app.go; what differs is in docs/porting.md.
 */
export class App implements AppInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly #options: AppOptions;
  readonly #context: Context;
  readonly #cancel: () => void;
  readonly #started: Server[] = [];
  readonly #failures = new Failures();
  #instance: ServiceInstance | undefined;
  #registered = false;
  #running: Promise<void> | undefined;
  #down: Promise<void> | undefined;
  readonly #requestStop: () => void;
  readonly #stopRequested: Promise<void>;

  /**
   * @throws {TypeError} If there is a registrar and no name.
   * @throws {RangeError} If a time is below 0 or no number.
   */
  constructor(options: AppOptions = {}) {
    this.id = options.id ?? randomUUID();
    this.name = options.name ?? "";
    this.version = options.version ?? "";
    this.metadata = Object.freeze({ ...options.metadata });
    this.#options = options;
    if (options.registrar !== undefined && this.name === "") {
      throw new TypeError(
        'Cannot register an App as "name" must not be empty: current value is ""',
      );
    }
    const { registrarTimeoutMs, stopTimeoutMs, drainDelayMs } = options;
    checkLimits("an App", { registrarTimeoutMs, stopTimeoutMs, drainDelayMs });
    if (options.logger !== undefined) setDefaultLogger(options.logger);
    const { context, cancel } = withCancel(withAppInfo(background, this));
    this.#context = context;
    this.#cancel = () => cancel();
    let requestStop: () => void = () => undefined;
    this.#stopRequested = new Promise((resolve) => {
      requestStop = resolve;
    });
    this.#requestStop = requestStop;
  }

  get endpoints(): readonly string[] {
    return this.#instance?.endpoints ?? [];
  }

  /**
   * Starts everything and resolves when everything has ended well.
   * @throws What went wrong: the one error, or an AggregateError of all.
   */
  run(): Promise<void> {
    if (this.#running !== undefined) {
      throw new TypeError(
        "Cannot run an App again as it must be run once: current value is running",
      );
    }
    this.#running = this.#run();
    return this.#running;
  }

  /** Orders the end, as a signal would, and resolves when everything has ended. Errors are `run`'s to throw. */
  async stop(): Promise<void> {
    this.#requestStop();
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    // Nothing else may keep the process alive: a server without a socket, a registrar at work.
    const alive = setInterval(() => undefined, 2 ** 30);
    const trap = trapSignals(this.#options.signals ?? defaults.signals, (signal) => {
      defaultLogger().info("stopping", { signal });
      this.#requestStop();
    });
    const parent = this.#options.context?.signal;
    parent?.addEventListener("abort", this.#requestStop, { once: true });
    if (parent?.aborted === true) this.#requestStop();
    try {
      if (await this.#failures.attempt(() => this.#start())) await this.#stopRequested;
      await this.#stop();
    } finally {
      parent?.removeEventListener("abort", this.#requestStop);
      trap[Symbol.dispose]();
      clearInterval(alive);
    }
    this.#failures.throwIfAny();
  }

  async #start(): Promise<void> {
    const { registrar } = this.#options;
    this.#instance = await this.#describe();
    await this.#runHooks(this.#options.beforeStart);
    await this.#startServers();
    if (registrar !== undefined) {
      const instance = this.#instance;
      await this.#withTimeout((signal) => registrar.register(instance, { signal }));
      this.#registered = true;
    }
    await this.#runHooks(this.#options.afterStart);
  }

  async #describe(): Promise<ServiceInstance> {
    const { id, name, version, metadata } = this;
    const endpoints: string[] = (this.#options.endpoints ?? []).map(String);
    if (this.#options.endpoints === undefined) {
      for (const server of this.#options.servers ?? []) {
        endpoints.push(...(await urlsOf(server)).map(bareUrl));
      }
    }
    return { id, name, version, metadata, endpoints };
  }

  async #startServers(): Promise<void> {
    const servers = this.#options.servers ?? [];
    // Calls end by being drained, not by the order to stop: only the values are handed down.
    const context = withAppInfo(detach(this.#options.context ?? background), this);
    const outcomes = await Promise.allSettled(servers.map((server) => server.start(context)));
    const failures = new Failures();
    for (const [at, outcome] of outcomes.entries()) {
      const server = servers[at];
      if (outcome.status === "rejected") failures.add(outcome.reason);
      else if (server !== undefined) this.#watch(server);
    }
    failures.throwIfAny();
  }

  /** A server that breaks takes the application down; one that ends quietly does not. */
  #watch(server: Server): void {
    this.#started.push(server);
    server.closed.catch((error: unknown) => {
      this.#failures.add(error);
      this.#requestStop();
    });
  }

  #stop(): Promise<void> {
    this.#down ??= this.#takeDown();
    return this.#down;
  }

  async #takeDown(): Promise<void> {
    const { registrar, drainDelayMs = defaults.drainDelayMs } = this.#options;
    const instance = this.#instance;
    if (this.#started.length > 0) await this.#runAllHooks(this.#options.beforeStop);
    if (this.#registered && registrar !== undefined && instance !== undefined) {
      await this.#failures.attempt(() =>
        this.#withTimeout((signal) => registrar.deregister(instance, { signal })),
      );
    }
    if (drainDelayMs > 0 && this.#started.length > 0) await sleep(drainDelayMs);
    this.#cancel();
    await this.#stopServers();
    if (this.#started.length > 0) await this.#runAllHooks(this.#options.afterStop);
  }

  async #stopServers(): Promise<void> {
    const timeoutMs = this.#options.stopTimeoutMs ?? defaults.stopTimeoutMs;
    // Also those that never started: asking for their endpoint may have opened their listener.
    const servers = this.#options.servers ?? [];
    await Promise.all(
      servers.toReversed().map((server) => {
        const signal = timeLimit(timeoutMs);
        return this.#failures.attempt(() => server.stop(signal));
      }),
    );
  }

  async #runHooks(hooks: readonly Hook[] = []): Promise<void> {
    for (const hook of hooks) await hook(this.#context);
  }

  async #runAllHooks(hooks: readonly Hook[] = []): Promise<void> {
    for (const hook of hooks) await this.#failures.attempt(() => hook(this.#context));
  }

  async #withTimeout(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const signal = timeLimit(this.#options.registrarTimeoutMs ?? defaults.registrarTimeoutMs);
    // A registrar that does not heed its signal must not keep the process from ending.
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }); // a TimeoutError
    });
    await Promise.race([act(signal), late]);
  }
}

/** A signal that aborts after so many milliseconds; 0 is never. AbortSignal.timeout takes no fractions and no Infinity. */
function timeLimit(timeoutMs: number): AbortSignal {
  return timeoutMs > 0 ? background.withTimeout(timeoutMs).signal : new AbortController().signal;
}

async function urlsOf(server: Server): Promise<readonly URL[]> {
  if (server.endpoints !== undefined) return server.endpoints();
  const url = await server.endpoint?.();
  return url === undefined ? [] : [url];
}

/** Scheme, host and port alone, the port spelled out also where it is the scheme's own; of a unix socket all. */
function bareUrl(url: URL): string {
  if (url.protocol === "unix:") return url.href;
  const ports: Readonly<Record<string, string>> = { "http:": ":80", "https:": ":443" };
  const port = url.port === "" ? (ports[url.protocol] ?? "") : "";
  return `${url.protocol}//${url.host}${port}`;
}
