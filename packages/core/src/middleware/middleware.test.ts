import { describe, expect, it } from "vitest";
import { background } from "../context/index.ts";
import { chain, type Handler, type Middleware, MiddlewareTable, settle } from "./index.ts";
import vectors from "./testdata/middleware-matcher.json" with { type: "json" };

const trace: string[] = [];
function traced(name: string): Middleware {
  return (next) => async (request, ctx) => {
    trace.push(`+${name}`);
    const reply = await next(request, ctx);
    trace.push(`-${name}`);
    return reply;
  };
}

async function* items(...values: unknown[]): AsyncGenerator<unknown> {
  yield* values;
}

describe("chain()", () => {
  it("makes the first layer the outermost", async () => {
    trace.length = 0;
    const handler: Handler = async (request) => `${String(request)}!`;
    expect(await chain(traced("a"), traced("b"))(handler)("hi", background)).toBe("hi!");
    expect(trace).toEqual(["+a", "+b", "-b", "-a"]);
  });

  it("of no layers is what it is given", () => {
    const handler: Handler = async () => undefined;
    expect(chain<Handler>()(handler)).toBe(handler);
  });
});

describe("MiddlewareTable by the vectors", () => {
  it.each(vectors.cases)("$name", ({ input, expected }) => {
    const names = new Map<Middleware, string>();
    const named = (name: string): Middleware => {
      const middleware: Middleware = (next) => next;
      names.set(middleware, name);
      return middleware;
    };
    const table = new MiddlewareTable(input.config.use.map(named));
    for (const [selector, list] of input.config.add as [string, string[]][])
      table.use(selector, ...list.map(named));
    expect(table.match(input.operation).map((one) => names.get(one))).toEqual(expected);
  });
});

describe("settle()", () => {
  async function outcome(
    call: () => Promise<unknown>,
    use: (reply: unknown) => Promise<void>,
  ): Promise<unknown[]> {
    const calls: unknown[] = [];
    const reply = await settle(call, (error) => calls.push(error)).catch((error: unknown) => error);
    await use(reply).catch(() => undefined);
    return calls;
  }
  const ignore = async (): Promise<void> => undefined;
  const read = async (reply: unknown): Promise<void> => {
    for await (const _ of reply as AsyncIterable<unknown>);
  };

  it("is done once when a message is answered", async () => {
    expect(await outcome(async () => 1, ignore)).toEqual([undefined]);
  });

  it("is done with the error of a rejection and of a throw", async () => {
    const error = new Error("x");
    expect(await outcome(() => Promise.reject(error), ignore)).toEqual([error]);
    expect(
      await outcome(() => {
        throw error;
      }, ignore),
    ).toEqual([error]);
  });

  it("is done when the stream has ended, not before", async () => {
    expect(await outcome(async () => items(1, 2), ignore)).toEqual([]);
    expect(await outcome(async () => items(1, 2), read)).toEqual([undefined]);
  });

  it("is done with the error of a stream that fails", async () => {
    const error = new Error("x");
    const failing = async function* (): AsyncGenerator<unknown> {
      yield 1;
      throw error;
    };
    expect(await outcome(async () => failing(), read)).toEqual([error]);
  });

  it("is done when the stream is abandoned", async () => {
    const leave = async (reply: unknown): Promise<void> => {
      for await (const _ of reply as AsyncIterable<unknown>) break;
    };
    expect(await outcome(async () => items(1, 2), leave)).toEqual([undefined]);
  });

  it("is done when the stream is left before it has begun", async () => {
    const leave = async (reply: unknown): Promise<void> => {
      await (reply as AsyncIterable<unknown>)[Symbol.asyncIterator]().return?.();
    };
    expect(await outcome(async () => items(1, 2), leave)).toEqual([undefined]);
  });
});
