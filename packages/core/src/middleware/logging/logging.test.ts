import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { background, type Context } from "../../context/index.ts";
import { KratosError, notFound } from "../../errors/index.ts";
import {
  contextWithFields,
  defaultLogger,
  type Logger,
  type MemoryLog,
  memoryLogger,
  nopLogger,
  setDefaultLogger,
} from "../../log/index.ts";
import {
  HeaderMap,
  type Transport,
  withClientTransport,
  withServerTransport,
} from "../../transport/index.ts";
import type { Handler } from "../index.ts";
import { clientLogging, logging, type LoggingOptions } from "./index.ts";

const operation = "/package.service/method";

function transport(kind: string, name: string = operation): Transport {
  return {
    kind,
    endpoint: "",
    operation: name,
    requestHeader: new HeaderMap(),
    replyHeader: new HeaderMap(),
  };
}

function serverContext(name: string = operation): Context {
  return withServerTransport(background, transport("http", name));
}

const reply: Handler = () => Promise.resolve("reply");

let memory: MemoryLog;

beforeEach(() => {
  memory = memoryLogger();
});

/** Calls a handler through the server's middleware and answers the fields of the one record. */
async function logged(
  request: unknown,
  options: LoggingOptions & { readonly next?: Handler } = {},
) {
  const { next = reply, ...rest } = options;
  await logging({ logger: memory.logger, ...rest })(next)(request, serverContext()).catch(() => {});
  expect(memory.records).toHaveLength(1);
  return memory.records[0]?.fields ?? {};
}

interface Case {
  readonly name: string;
  readonly versions: readonly string[];
  readonly input: {
    readonly op: "logFields" | "logArgs";
    readonly side?: string;
    readonly kind?: string;
    readonly args?: string;
    readonly error?: { readonly plain: string } | null;
    readonly stringForm?: string;
    readonly redactForm?: string;
  };
  readonly expected:
    | string
    | {
        readonly level: string;
        readonly message: string | null;
        readonly fields: readonly string[];
        readonly values: Readonly<Record<string, unknown>>;
      };
}

const file = new URL("testdata/logging.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: readonly Case[] }; // the file's shape

// The record is v3's: it has a message, stack stands after latency and only on failure, as does error.
const v2Fields = ["stack"];

async function callOf(input: Case["input"]): Promise<void> {
  const slot = transport(input.kind ?? "");
  const isClient = input.side === "client";
  const context = isClient
    ? withClientTransport(background, slot)
    : withServerTransport(background, slot);
  const middleware = (isClient ? clientLogging : logging)({ logger: memory.logger });
  const error = input.error;
  const next = error ? () => Promise.reject(new Error(error.plain)) : reply;
  await middleware(next)({ toString: () => input.args ?? "" }, context).catch(() => {});
}

describe("logging() and clientLogging()", () => {
  it.each(cases.filter((one) => one.input.op === "logFields"))(
    "logging() writes the fields that Go writes: $name",
    async ({ input, expected }) => {
      if (typeof expected === "string") throw new TypeError("wrong kind of case");
      await callOf(input);
      const [record] = memory.records;
      expect(record?.level.toUpperCase()).toBe(expected.level);
      expect(record?.message).toBe(`${input.side ?? ""} request`);
      const failure = input.error ? ["error", "stack"] : [];
      const fields = expected.fields.filter((field) => !v2Fields.includes(field));
      expect(Object.keys(record?.fields ?? {})).toEqual([...fields, ...failure]);
      const { stack, ...values } = expected.values;
      expect(record?.fields).toMatchObject(values);
      if (input.error) expect(record?.fields["stack"]).toContain(stack);
    },
  );

  it.each(cases.filter((one) => one.input.op === "logArgs"))(
    "logging() shows a request as Go does: $name",
    async ({ input, expected }) => {
      const { stringForm, redactForm } = input;
      const request = {
        toString: () => stringForm ?? "",
        ...(redactForm === undefined ? {} : { redact: () => redactForm }),
      };
      expect((await logged(request))["args"]).toBe(expected);
    },
  );

  it("logging() writes empty names outside a transport", async () => {
    await logging({ logger: memory.logger })(reply)("r", background);
    expect(memory.records[0]?.fields).toMatchObject({
      component: "",
      operation: "",
      args: "r",
      code: 200,
    });
  });

  it("logging() and clientLogging() look at their own side of a context that has both", async () => {
    const context = withClientTransport(serverContext("/s/S"), transport("grpc", "/c/C"));
    await logging({ logger: memory.logger })(reply)("r", context);
    await clientLogging({ logger: memory.logger })(reply)("r", context);
    expect(
      memory.records.map(({ message, fields }) => [
        message,
        fields["component"],
        fields["operation"],
      ]),
    ).toEqual([
      ["server request", "http", "/s/S"],
      ["client request", "grpc", "/c/C"],
    ]);
  });

  it("logging() writes code, reason, error and the stacks of an error, and passes the error on", async () => {
    const error = notFound("USER_NOT_FOUND", "no user", { cause: new TypeError("row missing") });
    const call = logging({ logger: memory.logger })(() => Promise.reject(error));
    await expect(call("r", serverContext())).rejects.toBe(error);
    expect(memory.records[0]).toMatchObject({
      level: "error",
      fields: { code: 404, reason: "USER_NOT_FOUND", error: "no user" },
    });
    expect(memory.records[0]?.fields["stack"]).toContain("caused by: TypeError: row missing");
  });

  it("logging() writes calls that throw before they answer a promise", async () => {
    const fields = await logged("r", {
      next: () => {
        throw new KratosError("m", { code: 418, reason: "TEA" });
      },
    });
    expect(fields).toMatchObject({ code: 418, reason: "TEA" });
  });

  it("logging() writes the latency in seconds", async () => {
    const fields = await logged("r", {
      next: () => new Promise((resolve) => setImmediate(resolve, "reply")),
    });
    expect(fields["latency"]).toBeGreaterThan(0);
    expect(fields["latency"]).toBeLessThan(10);
  });

  it("logging() passes request, context and reply on as they are", async () => {
    const context = serverContext();
    const seen: unknown[] = [];
    const request = { a: 1 };
    const answer = { b: 2 };
    const next: Handler = async (...given) => {
      seen.push(...given);
      return answer;
    };
    expect(await logging({ logger: memory.logger })(next)(request, context)).toBe(answer);
    expect(seen).toEqual([request, context]);
    expect(seen[0]).toBe(request);
  });
});

async function* numbers(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

async function* failing(): AsyncGenerator<number> {
  yield 1;
  throw notFound("GONE", "gone");
}

describe("logging() of streams", () => {
  const call = (stream: AsyncIterable<number>) =>
    logging({ logger: memory.logger })(() => Promise.resolve(stream))(numbers(), serverContext());

  it("logging() writes one record when the stream ends", async () => {
    const stream = (await call(numbers())) as AsyncIterable<number>; // what was given
    const seen: number[] = [];
    for await (const value of stream) {
      expect(memory.records).toHaveLength(0);
      seen.push(value);
    }
    expect(seen).toEqual([1, 2]);
    expect(memory.records).toMatchObject([
      { level: "info", fields: { args: "stream", code: 200 } },
    ]);
  });

  it("logging() writes one record when the stream fails or is left", async () => {
    const failed = (await call(failing())) as AsyncIterable<number>; // what was given
    await expect(
      (async () => {
        for await (const _ of failed);
      })(),
    ).rejects.toThrow("gone");
    const left = (await call(numbers())) as AsyncIterable<number>; // what was given
    for await (const _ of left) break;
    expect(memory.records.map(({ level, fields }) => [level, fields["reason"]])).toEqual([
      ["error", "GONE"],
      ["info", ""],
    ]);
  });
});

describe("the options of logging()", () => {
  let before: Logger;

  beforeEach(() => {
    before = defaultLogger();
  });

  afterEach(() => {
    setDefaultLogger(before);
  });

  it("logging() asks for the default logger at each call", async () => {
    const handler = logging()(reply);
    setDefaultLogger(nopLogger);
    await handler("r", serverContext());
    setDefaultLogger(memory.logger);
    await handler("r", serverContext());
    const second = memoryLogger();
    setDefaultLogger(second.logger);
    await handler("r", serverContext());
    expect([memory.records.length, second.records.length]).toEqual([1, 1]);
  });

  it("logging() leaves args out when told so", async () => {
    expect(Object.keys(await logged("r", { args: false }))).not.toContain("args");
  });

  it("logging() does not look at the request when the level is not written", async () => {
    const quiet = memoryLogger({ level: "error" });
    let looks = 0;
    const request = { redact: () => ++looks };
    await logging({ logger: quiet.logger })(reply)(request, serverContext());
    expect([looks, quiet.records.length]).toEqual([0, 0]);
    await expect(
      logging({ logger: quiet.logger })(() => Promise.reject(new Error("e")))(
        request,
        serverContext(),
      ),
    ).rejects.toThrow("e");
    expect([looks, quiet.records.length]).toEqual([1, 1]);
  });

  it("logging() calls next and nothing else when no level is written", () => {
    const promise = Promise.resolve("reply");
    expect(logging({ logger: nopLogger })(() => promise)("r", serverContext())).toBe(promise);
  });

  it("logging() writes what the context carries", async () => {
    const context = contextWithFields(serverContext(), { user: "ann" });
    await logging({ logger: memory.logger })(reply)("r", context);
    expect(memory.records[0]?.fields).toMatchObject({ user: "ann", operation });
  });

  it("logging() survives requests and loggers that throw", async () => {
    const broken = (): never => {
      throw new Error("broken");
    };
    expect((await logged({ redact: broken }))["args"]).toBe("[unreadable]");
    const logger: Logger = { ...nopLogger, enabled: () => true, with: broken };
    await expect(logging({ logger })(reply)("r", serverContext())).resolves.toBe("reply");
  });

  it("logging() hides what the logger's filter names, also inside the request", async () => {
    memory = memoryLogger({ filter: { keys: ["password"] } });
    expect((await logged({ user: "u", password: "p" }))["args"]).toEqual({
      user: "u",
      password: "***",
    });
  });

  it("logging() keeps right names for more operations than it remembers", async () => {
    const handler = logging({ logger: memory.logger })(reply);
    for (let index = 0; index < 1100; index++) await handler("r", serverContext(`/s/${index}`));
    await handler("r", serverContext("/s/0"));
    expect(memory.records.map((record) => record.fields["operation"])).toEqual([
      ...Array.from({ length: 1100 }, (_, index) => `/s/${index}`),
      "/s/0",
    ]);
  });
});
