import { describe, expect, it } from "vitest";
import type { Context } from "../context/index.ts";
import { createContextKey, background, withCancel } from "../context/index.ts";
import { defaultLogger, nopLogger, setDefaultLogger } from "../log/index.ts";
import type { Registrar, ServiceInstance } from "../registry/index.ts";
import type { Server } from "../transport/index.ts";
import { App, appInfo, type AppOptions, type Hook } from "./index.ts";
import vectors from "./testdata/app-lifecycle.json" with { type: "json" };

/** A server and registrar that write down what happens to them. */
class Stage {
  readonly events: string[] = [];
  readonly registered: ServiceInstance[] = [];
  readonly contexts: (Context | undefined)[] = [];
  readonly stopSignals: AbortSignal[] = [];
  readonly breaks: ((error: Error) => void)[] = [];

  server(
    name: string,
    fails: { endpoint?: boolean; start?: boolean; stop?: boolean } = {},
  ): Server {
    let breakDown: (error: Error) => void = () => undefined;
    const closed = new Promise<void>((_, reject) => {
      breakDown = reject;
    });
    closed.catch(() => undefined);
    this.breaks.push(breakDown);
    const act = async (what: string, fail?: boolean): Promise<void> => {
      this.events.push(`${what}:${name}`);
      if (fail === true) throw new Error(`${what}:${name}`);
    };
    return {
      closed,
      endpoint: async () => {
        await act("endpoint", fails.endpoint);
        return new URL(`http://${name}:80`);
      },
      start: async (context) => {
        this.contexts.push(context);
        await act("start", fails.start);
      },
      stop: async (signal) => {
        this.stopSignals.push(signal);
        await act("stop", fails.stop);
      },
    };
  }

  registrar(fails: { register?: boolean; deregister?: boolean } = {}): Registrar {
    const act = async (what: string, fail?: boolean): Promise<void> => {
      this.events.push(what);
      if (fail === true) throw new Error(what);
    };
    return {
      register: async (instance) => {
        this.registered.push(instance);
        await act("register", fails.register);
      },
      deregister: () => act("deregister", fails.deregister),
    };
  }

  hooks(names: readonly string[] = []): Hook[] {
    return names.map((name) => () => {
      this.events.push(name);
      if (name.endsWith("!")) throw new Error(name);
    });
  }
}

interface Input {
  hooks: {
    beforeStart?: string[];
    afterStart?: string[];
    beforeStop?: string[];
    afterStop?: string[];
  };
  servers: { name: string; endpointFails?: boolean; startFails?: boolean }[];
  registrar: boolean;
  registerFails?: boolean;
  deregisterFails?: boolean;
  trigger: string;
  options?: { endpoints: string[] };
}

/** Where Go Kratos leaves something behind, this one takes it down and tells all: name -> what happens here. */
const better: Readonly<Record<string, { events: (string | string[])[]; run: string }>> = {
  "endpoint failure happens before every hook": {
    events: ["endpoint:http", "stop:http"],
    run: "error:endpoint:http",
  },
  "register failure returns at once and leaves servers running": {
    events: ["endpoint:http", ["start:http"], "register", ["stop:http"], "ap"],
    run: "error:register",
  },
  "a failing server stops the others but skips beforeStop, deregister and afterStop": {
    events: [
      "endpoint:a",
      "endpoint:b",
      ["start:a", "start:b"],
      "register",
      "bp",
      "deregister",
      ["stop:a", "stop:b"],
      "ap",
    ],
    run: "error:start:a",
  },
  "deregister failure on signal: run reports it, servers stop, afterStop skipped": {
    events: ["endpoint:http", ["start:http"], "register", "deregister", ["stop:http"], "ap"],
    run: "error:deregister",
  },
  "afterStop: all run, the last result is the outcome": {
    events: ["endpoint:http", ["start:http"], ["stop:http"], "a1!", "a2"],
    run: "error:a1!",
  },
  // Upstream's vector leaves out the call of endpoint.
  "stop context is not cancelled by parent cancellation": {
    events: ["endpoint:m", ["start:m"], ["stop:m"]],
    run: "ok",
  },
};

async function play(input: Input): Promise<{ events: string[]; run: string; stage: Stage }> {
  const stage = new Stage();
  const servers = input.servers.map(({ name, endpointFails }) =>
    stage.server(name, endpointFails === true ? { endpoint: true } : {}),
  );
  const parent = withCancel(background);
  let started: () => void = () => undefined;
  const afterStart = new Promise<void>((resolve) => {
    started = resolve;
  });
  const options: AppOptions = {
    name: "test",
    context: parent.context,
    signals: ["SIGUSR2"],
    servers,
    ...input.options,
    beforeStart: stage.hooks(input.hooks.beforeStart),
    afterStart: [...stage.hooks(input.hooks.afterStart), () => started()],
    beforeStop: stage.hooks(input.hooks.beforeStop),
    afterStop: stage.hooks(input.hooks.afterStop),
    ...(input.registrar && {
      registrar: stage.registrar({
        register: input.registerFails === true,
        deregister: input.deregisterFails === true,
      }),
    }),
  };
  const app = new App(options);
  const run = app.run().then(
    () => "ok",
    (error: unknown) => `error:${(error as Error).message}`,
  );
  await Promise.race([afterStart, run]);
  if (input.trigger === "stop()") await app.stop();
  else if (input.trigger === "signal") process.kill(process.pid, "SIGUSR2");
  else if (input.trigger === "parentCancel") parent.cancel();
  else stage.breaks[0]?.(new Error("start:a"));
  return { events: stage.events, run: await run, stage };
}

/** The events with those that may come in any order sorted. */
function ordered(events: string[]): string[] {
  const groups: string[][] = [];
  for (const event of events) {
    const kind = event.split(":")[0] ?? "";
    const last = groups.at(-1);
    if (event.includes(":") && kind !== "endpoint" && last?.[0]?.startsWith(`${kind}:`))
      last.push(event);
    else groups.push([event]);
  }
  return groups.flatMap((group) => group.toSorted());
}

describe("App by the vectors", () => {
  it.each(vectors.cases)("$name", async ({ name, input, expected }) => {
    const { events, run, stage } = await play(input);
    const want = better[name] ?? expected;
    expect(ordered(events)).toEqual(
      want.events.flatMap((event) => (Array.isArray(event) ? event.toSorted() : event)),
    );
    expect(run).toBe(want.run);
    if ("registered" in expected)
      expect(stage.registered[0]?.endpoints).toEqual(expected.registered?.endpoints);
  });
});

describe("App", () => {
  it("registers what it and its servers say, the port spelled out", async () => {
    const stage = new Stage();
    const app = new App({
      id: "1",
      name: "hello",
      version: "v1",
      metadata: { a: "b" },
      servers: [stage.server("h")],
      registrar: stage.registrar(),
      afterStart: [() => void app.stop()],
    });
    expect(app.endpoints).toEqual([]);
    await app.run();
    expect(stage.registered).toEqual([
      { id: "1", name: "hello", version: "v1", metadata: { a: "b" }, endpoints: ["http://h:80"] },
    ]);
    expect(app.endpoints).toEqual(["http://h:80"]);
  });

  it("is found in the context of hooks and of calls, with the values of its own context", async () => {
    const stage = new Stage();
    const key = createContextKey("color", "none");
    const seen: unknown[] = [];
    const app = new App({
      name: "hello",
      context: background.with(key, "red"),
      servers: [stage.server("h")],
      beforeStart: [(ctx) => void seen.push(appInfo(ctx)?.name)],
      afterStart: [() => void app.stop()],
    });
    await app.run();
    const call = stage.contexts[0] ?? background;
    expect([...seen, appInfo(call), call.get(key)]).toEqual(["hello", app, "red"]);
  });

  it("reports every error of its end at once", async () => {
    const stage = new Stage();
    const app = new App({
      name: "hello",
      servers: [stage.server("a", { stop: true }), stage.server("b")],
      registrar: stage.registrar({ deregister: true }),
      beforeStop: stage.hooks(["bp!"]),
      afterStop: stage.hooks(["ap!"]),
      afterStart: [() => void app.stop()],
    });
    const error = await app.run().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map((one: Error) => one.message)).toEqual([
      "bp!",
      "deregister",
      "stop:a",
      "ap!",
    ]);
  });

  it("stops what it started when one server cannot start", async () => {
    const stage = new Stage();
    const app = new App({ servers: [stage.server("a"), stage.server("b", { start: true })] });
    await expect(app.run()).rejects.toThrow("start:b");
    expect(stage.events.filter((event) => event.startsWith("stop:")).toSorted()).toEqual([
      "stop:a",
      "stop:b",
    ]);
  });

  it("cuts the drain of its servers after stopTimeoutMs", async () => {
    const stage = new Stage();
    const server = stage.server("slow");
    const slow: Server = {
      ...server,
      stop: (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    };
    const app = new App({
      servers: [slow],
      stopTimeoutMs: 20,
      afterStart: [() => void app.stop()],
    });
    await app.run();
    expect(stage.events).toContain("start:slow");
  });

  it("gives up on a registrar after registrarTimeoutMs, and takes down what it started", async () => {
    const stage = new Stage();
    const servers = [stage.server("h")];
    const hang = (): Promise<void> => new Promise(() => undefined);
    const silent: Partial<Registrar>[] = [{ register: hang }, { deregister: hang }];
    for (const part of silent) {
      const app = new App({
        name: "hello",
        servers,
        registrar: { ...stage.registrar(), ...part },
        registrarTimeoutMs: 20,
        afterStart: [() => void app.stop()],
      });
      await expect(app.run()).rejects.toMatchObject({ name: "TimeoutError" });
    }
    expect(stage.events.filter((event) => event === "stop:h")).toHaveLength(2);
  });

  it("has an id of its own when it is given none", () => {
    const [one, two] = [new App().id, new App().id];
    expect(one).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(two).not.toBe(one);
  });

  it("makes its logger the one of the process", () => {
    const before = defaultLogger();
    try {
      const app = new App({ logger: nopLogger });
      expect(app.endpoints).toEqual([]);
      expect(defaultLogger()).toBe(nopLogger);
    } finally {
      setDefaultLogger(before);
    }
  });

  it.each([Infinity, 20.5])("takes %d for a time", async (timeMs) => {
    const stage = new Stage();
    const app = new App({
      name: "hello",
      servers: [stage.server("h")],
      registrar: stage.registrar(),
      registrarTimeoutMs: timeMs,
      stopTimeoutMs: timeMs,
      afterStart: [() => void app.stop()],
    });
    await app.run();
    expect(stage.events).toEqual(["endpoint:h", "start:h", "register", "deregister", "stop:h"]);
  });

  it("refuses times that are none", () => {
    for (const name of ["registrarTimeoutMs", "stopTimeoutMs", "drainDelayMs"]) {
      for (const timeMs of [-1, Number.NaN]) {
        expect(() => new App({ [name]: timeMs })).toThrow(RangeError);
      }
    }
  });

  it("registers the path of a unix socket", async () => {
    const stage = new Stage();
    const app = new App({
      name: "hello",
      servers: [{ ...stage.server("u"), endpoint: async () => new URL("unix:///run/u.sock") }],
      registrar: stage.registrar(),
      afterStart: [() => void app.stop()],
    });
    await app.run();
    expect(stage.registered[0]?.endpoints).toEqual(["unix:///run/u.sock"]);
  });

  it("refuses a registrar without a name, and a second run", async () => {
    expect(() => new App({ registrar: new Stage().registrar() })).toThrow(
      /"name" must not be empty/,
    );
    const app = new App({ afterStart: [() => void app.stop()] });
    await app.run();
    expect(() => app.run()).toThrow(TypeError);
  });

  it("stop() before run() makes run() end at once", async () => {
    const stage = new Stage();
    const app = new App({ servers: [stage.server("a")] });
    await app.stop();
    await app.run();
    expect(stage.events).toContain("stop:a");
  });

  it("leaves no signal handler behind", async () => {
    const before = process.listenerCount("SIGTERM");
    const app = new App({ afterStart: [() => void app.stop()] });
    const run = app.run();
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    await run;
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});
