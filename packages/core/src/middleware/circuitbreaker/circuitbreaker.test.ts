import { type Breaker, SreBreaker, type SreBreakerOptions } from "@kratosjs/aegis";
import { afterEach, describe, expect, it, test } from "vitest";
import { background, type Context } from "../../context/index.ts";
import { fromError, KratosError, serviceUnavailable } from "../../errors/index.ts";
import { HttpClient } from "../../http/index.ts";
import { Library } from "../../http/testdata/library_pb.js";
import { serve, stopServers } from "../../http/testdata/serve.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { HeaderMap, withClientTransport, withServerTransport } from "../../transport/index.ts";
import type { Handler } from "../index.ts";
import { circuitBreaker, isNotAllowed, notAllowed } from "./index.ts";
import vectors from "./testdata/breaker-limiter.json" with { type: "json" };

afterEach(stopServers);

function transport(operation: string) {
  const headers = { requestHeader: new HeaderMap(), replyHeader: new HeaderMap() };
  return { kind: "test", endpoint: "", operation, ...headers };
}

const calling = (operation = "/foo"): Context =>
  withClientTransport(background, transport(operation));

/** A breaker that a test opens and closes. */
function switchable(isClosed = true) {
  const marks: string[] = [];
  const breaker: Breaker = {
    allow: () => isClosed,
    markSuccess: () => void marks.push("success"),
    markFailed: () => void marks.push("failed"),
  };
  return { breaker, marks };
}

async function markOf(next: Handler): Promise<readonly string[]> {
  const { breaker, marks } = switchable();
  await circuitBreaker({ breaker: () => breaker })(next)({}, calling()).catch(() => undefined);
  return marks;
}

/** The least number of failures that opens a breaker. */
function leastOf(options: SreBreakerOptions): number {
  const breaker = new SreBreaker({ ...options, now: () => 0 });
  let marks = 0;
  for (; !breaker.statistics().isOpen; marks += 1) breaker.markFailed();
  return marks;
}

/** What a breaker of these options counts by, seen from outside. */
function measured(options: SreBreakerOptions) {
  const request = leastOf(options);
  const open = new SreBreaker({ ...options, now: () => 0 });
  open.markSuccess();
  for (let failed = 0; failed < request; failed += 1) open.markFailed();
  const { total, dropRatio } = open.statistics();
  const windowMs = forgottenMs(options, 0);
  let bucketMs = 0;
  while (forgottenMs(options, bucketMs) === windowMs) bucketMs += 10;
  const k = total - dropRatio * (total + 1);
  return { k, request, bucket: windowMs / bucketMs, windowMs };
}

/** When a mark made at a time is forgotten. */
function forgottenMs(options: SreBreakerOptions, madeMs: number): number {
  let now = 0;
  const breaker = new SreBreaker({ ...options, now: () => now });
  now = madeMs;
  breaker.markFailed();
  while (breaker.statistics().total > 0) now += 10;
  return now;
}

const defaultsOf: Readonly<Record<string, SreBreakerOptions>> = {
  // Those of v2 are not ours: this is how they are had.
  "breaker defaults v2": { failureRatio: 0.4, minRequests: 100 },
  "breaker defaults v3": {},
};

interface Vector {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly error?: { readonly code?: number; readonly plain?: string } | null;
    readonly operations?: readonly string[];
  } & Readonly<Record<"k" | "request" | "success" | "total", number>>;
  readonly expected: unknown;
}

const ops: Readonly<Record<string, (vector: Vector) => unknown>> = {
  breakerDropRatio({ input: { k, request, success, total } }) {
    const options = { failureRatio: 1 - 1 / k, minRequests: request, now: () => 0 };
    const breaker = new SreBreaker(options);
    for (let mark = 0; mark < success; mark += 1) breaker.markSuccess();
    for (let mark = success; mark < total; mark += 1) breaker.markFailed();
    return breaker.statistics().dropRatio;
  },
  async breakerMark({ input: { error } }) {
    const { code, plain } = error ?? {};
    const thrown = code === undefined ? new Error(plain) : new KratosError("m", { code });
    const marks = await markOf(() =>
      error === null ? Promise.resolve("reply") : Promise.reject(thrown),
    );
    return marks.join();
  },
  async breakerOpen() {
    const { breaker, marks } = switchable(false);
    let handlerCalled = false;
    const handler = circuitBreaker({ breaker: () => breaker })(async () => {
      handlerCalled = true;
    });
    const failure: unknown = await handler({}, calling()).catch((error: unknown) => error);
    const { code, reason } = fromError(failure);
    return { handlerCalled, mark: marks.join(), error: { code, reason } };
  },
  async breakerInstances({ input: { operations = [] } }) {
    const created: string[] = [];
    const handler = circuitBreaker({
      breaker: (operation) => {
        created.push(operation);
        return new SreBreaker();
      },
    })(async () => "reply");
    for (const operation of operations) await handler({}, calling(operation));
    expect(created).toEqual([...new Set(operations)]);
    return { created: created.length };
  },
};

// The file is a list of one shape; the compiler sees a union of each line's. Those of the limiter are run where it is.
const cases = (vectors.cases as unknown as readonly Vector[]).filter(({ input }) =>
  input.op.startsWith("breaker"),
);

describe("circuitBreaker(), as Go does it", () => {
  it.each(cases.filter(({ input }) => input.op === "breakerDefaults"))(
    "circuitBreaker(): $name",
    ({ name, expected }) => {
      const options = defaultsOf[name] ?? {};
      const { failureRatio: _, ...rest } = expected as Readonly<Record<string, number>>; // numbers all
      expect(measured(options)).toEqual({ ...rest, k: expect.closeTo(rest["k"] ?? 0, 10) });
    },
  );

  it.each(cases.filter(({ input }) => input.op !== "breakerDefaults"))(
    "circuitBreaker(): $name",
    async (vector) => {
      const result = await ops[vector.input.op]?.(vector);
      if (typeof vector.expected === "number") expect(result).toBeCloseTo(vector.expected, 12);
      else expect(result).toEqual(vector.expected);
    },
  );
});

describe("circuitBreaker()", () => {
  it("refuses with 503 CIRCUITBREAKER", async () => {
    const { breaker } = switchable(false);
    const handler = circuitBreaker({ breaker: () => breaker })(async () => "reply");
    const error: unknown = await handler({}, calling()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 503,
      reason: "CIRCUITBREAKER",
      message: "request failed due to circuit breaker triggered",
    });
    expect(isNotAllowed(error)).toBe(true);
  });

  it("marks a call that throws before it answers a promise", async () => {
    const boom = new TypeError("boom");
    expect(
      await markOf(() => {
        throw boom;
      }),
    ).toEqual(["failed"]);
  });

  it("takes a deadline for a failure, and a caller that leaves for none", async () => {
    expect(await markOf(() => Promise.reject(new DOMException("", "TimeoutError")))).toEqual([
      "failed",
    ]);
    expect(await markOf(() => Promise.reject(new DOMException("", "AbortError")))).toEqual([
      "success",
    ]);
  });

  it("marks a stream when it is over, by how it ended", async () => {
    for (const [fails, mark] of [
      [true, "failed"],
      [false, "success"],
    ] as const) {
      const { breaker, marks } = switchable();
      const stream = (await circuitBreaker({ breaker: () => breaker })(async () => items(fails))(
        {},
        calling(),
      )) as AsyncIterable<unknown>; // what was given
      expect(marks).toEqual([]);
      const read = async (): Promise<void> => {
        for await (const _ of stream);
      };
      await read().catch(() => undefined);
      expect(marks).toEqual([mark]);
    }
  });

  it("does nothing outside of a client's call", async () => {
    const { breaker, marks } = switchable(false);
    const handler = circuitBreaker({ breaker: () => breaker })(async () => "reply");
    expect(await handler({}, background)).toBe("reply");
    expect(await handler({}, withServerTransport(background, transport("/foo")))).toBe("reply");
    expect(marks).toEqual([]);
  });

  it("keeps the breakers of operations that are called, among ever so many others", async () => {
    let created = 0;
    const handler = circuitBreaker({
      breaker: () => {
        created += 1;
        return new SreBreaker();
      },
    })(async () => "reply");
    for (let other = 0; other < 5000; other += 1) {
      await handler({}, calling(`/others/${other}`));
      await handler({}, calling("/foo"));
    }
    expect(created).toBe(5001);
    await handler({}, calling("/others/0"));
    expect(created).toBe(5002);
  });
});

async function* items(fails: boolean): AsyncGenerator<number> {
  yield 1;
  if (fails) throw serviceUnavailable("DOWN", "down");
}

describe("isNotAllowed()", () => {
  it("knows its own error, and no other", () => {
    expect(isNotAllowed(new Error("around", { cause: notAllowed() }))).toBe(true);
    expect(isNotAllowed(serviceUnavailable("OTHER", "m"))).toBe(false);
    expect(isNotAllowed(new KratosError("m", { code: 429, reason: "CIRCUITBREAKER" }))).toBe(false);
    expect(isNotAllowed(undefined)).toBe(false);
  });
});

test("circuitBreaker() spares a server that fails, operation by operation", async () => {
  let pings = 0;
  const { host } = await serve(
    {},
    {
      ping() {
        pings += 1;
        throw serviceUnavailable("DOWN", "down");
      },
    },
  );
  const connection = new HttpClient({
    endpoint: host,
    logger: nopLogger,
    middleware: [circuitBreaker({ breaker: () => new SreBreaker({ random: () => 0 }) })],
  });
  try {
    const books = createClient(Library, connection);
    const reasons: string[] = [];
    for (let call = 0; call < 30; call += 1) {
      const failure: unknown = await books.ping({}).catch((error: unknown) => error);
      reasons.push(fromError(failure).reason);
    }
    expect(reasons).toEqual([...Array(20).fill("DOWN"), ...Array(10).fill("CIRCUITBREAKER")]);
    expect(pings).toBe(20);
    expect((await books.getBook({ id: 1n })).id).toBe(1n);
  } finally {
    await connection.close();
  }
});
