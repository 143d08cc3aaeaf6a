import { BbrLimiter, type Limiter } from "@kratosjs/aegis";
import { afterEach, describe, expect, it, test } from "vitest";
import { background } from "../../context/index.ts";
import { fromError, serviceUnavailable, tooManyRequests } from "../../errors/index.ts";
import { deferred, libraryServer, serve, stopServers } from "../../http/testdata/serve.ts";
import { Library } from "../../http/testdata/library_pb.js";
import { HttpClient } from "../../http/index.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import type { Handler } from "../index.ts";
import { isLimitExceeded, limitExceeded, rateLimit } from "./index.ts";
import vectors from "./testdata/breaker-limiter.json" with { type: "json" };

afterEach(stopServers);

/** A limiter that a test opens and closes. */
function gate(isOpen = true) {
  const outcomes: unknown[] = [];
  const limiter: Limiter = {
    allow: () => (isOpen ? (error) => outcomes.push(error) : undefined),
  };
  return { limiter, outcomes };
}

async function handled(limiter: Limiter) {
  let handlerCalled = false;
  const handler = rateLimit({ limiter })(async () => {
    handlerCalled = true;
  });
  const error: unknown = await handler({}, background).catch((thrown: unknown) => thrown);
  return { handlerCalled, error };
}

type Input = Readonly<Record<string, unknown>>;

const ops: Readonly<Record<string, (input: Input) => unknown>> = {
  async limiterReject() {
    const { limiter, outcomes } = gate(false);
    const { handlerCalled, error } = await handled(limiter);
    const { code, reason } = fromError(error);
    return { handlerCalled, doneCalled: outcomes.length > 0, error: { code, reason } };
  },
  async limiterAccept() {
    const { limiter, outcomes } = gate();
    const { handlerCalled } = await handled(limiter);
    return { handlerCalled, doneCalled: outcomes.length === 1 };
  },
  maxInFlight({ maxPass, minRtMs, bucketsPerSecond }) {
    let nowMs = 0;
    const bucketMs = 1000 / Number(bucketsPerSecond);
    const options = { windowMs: bucketMs * 10, buckets: 10, now: () => nowMs, cpu: () => 0 };
    const limiter = new BbrLimiter(options);
    const all = Array.from({ length: Number(maxPass) }, () => limiter.allow());
    nowMs = Number(minRtMs);
    for (const done of all) done?.();
    nowMs = bucketMs;
    return limiter.statistics().maxInFlight;
  },
  async limiterScenario({ cpu, cpuThreshold, windowMs, bucket, concurrent }) {
    const limiter = new BbrLimiter({
      cpu: () => Number(cpu) / 1000,
      // Less than nothing is no use of a CPU: here it is refused, and 0 says the same.
      cpuThresholdRatio: Math.max(0, Number(cpuThreshold) / 1000),
      windowMs: Number(windowMs),
      buckets: Number(bucket),
    });
    const go = deferred<void>();
    const handler = rateLimit({ limiter })(() => go.promise);
    const calls = Array.from({ length: Number(concurrent) }, () => handler({}, background));
    go.resolve();
    const results = await Promise.allSettled(calls);
    const allowed = results.filter(({ status }) => status === "fulfilled").length;
    return { allowed, rejected: results.length - allowed };
  },
};

// Those of the breaker are run where it is.
const cases = vectors.cases.filter(({ input }) => !input.op.startsWith("breaker"));

describe("rateLimit(), as Go does it", () => {
  it.each(cases)("rateLimit(): $name", async ({ input, expected }) => {
    expect(await ops[input.op]?.(input)).toEqual(expected);
  });
});

describe("rateLimit()", () => {
  it("refuses with 429 RATELIMIT", async () => {
    const { error } = await handled(gate(false).limiter);
    expect(error).toMatchObject({
      code: 429,
      reason: "RATELIMIT",
      message: "service unavailable due to rate limit exceeded",
    });
    expect(isLimitExceeded(error)).toBe(true);
  });

  it("tells the limiter of the error, and passes it on", async () => {
    const boom = new TypeError("boom");
    const failing: readonly Handler[] = [
      () => Promise.reject(boom),
      () => {
        throw boom;
      },
    ];
    for (const next of failing) {
      const { limiter, outcomes } = gate();
      await expect(rateLimit({ limiter })(next)({}, background)).rejects.toBe(boom);
      expect(outcomes).toEqual([boom]);
    }
  });

  it("counts a stream until it is over, once", async () => {
    const { limiter, outcomes } = gate();
    const stream = (await rateLimit({ limiter })(async () => numbers())(
      {},
      background,
    )) as AsyncIterable<unknown>; // what was given
    const seen: unknown[] = [];
    for await (const item of stream) {
      seen.push(item);
      expect(outcomes).toEqual([]);
    }
    expect(seen).toEqual([1, 2]);
    expect(outcomes).toEqual([undefined]);
  });

  it("counts a stream that nobody begins until its edge leaves it", async () => {
    const { limiter, outcomes } = gate();
    const stream = (await rateLimit({ limiter })(async () => numbers())(
      {},
      background,
    )) as AsyncIterable<unknown>; // what was given
    expect(outcomes).toEqual([]);
    await stream[Symbol.asyncIterator]().return?.();
    expect(outcomes).toEqual([undefined]);
  });

  it("has one limit for all that it wraps, and another one each time it is made", async () => {
    const go = deferred<void>();
    const make = () => rateLimit({ limiter: new BbrLimiter({ cpu: () => 1 }) });
    const [one, other] = [make(), make()];
    const next: Handler = () => go.promise;
    const calls = [one(next), one(next), one(next), other(next)].map((handler) =>
      handler({}, background).then(
        () => "answered",
        () => "refused",
      ),
    );
    go.resolve();
    expect(await Promise.all(calls)).toEqual(["answered", "answered", "refused", "answered"]);
  });

  it("limits by the use of the CPU when it is given nothing", async () => {
    expect(await rateLimit()(async () => "reply")({}, background)).toBe("reply");
  });
});

async function* numbers(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

describe("isLimitExceeded()", () => {
  it("knows its own error, with its cause, and no other", () => {
    const cause = new Error("quota");
    expect(isLimitExceeded(new Error("around", { cause: limitExceeded({ cause }) }))).toBe(true);
    expect(limitExceeded({ cause }).cause).toBe(cause);
    expect(isLimitExceeded(tooManyRequests("OTHER", "m"))).toBe(false);
    expect(isLimitExceeded(serviceUnavailable("RATELIMIT", "m"))).toBe(false);
    expect(isLimitExceeded(undefined)).toBe(false);
  });
});

test("rateLimit() answers 429 over HTTP while a server is busy, and counts its streams", async () => {
  const limiter = new BbrLimiter({ cpu: () => 1 });
  const go = deferred<void>();
  const server = libraryServer(
    { middleware: [rateLimit({ limiter })] },
    {
      async ping({ text }) {
        await go.promise;
        return { text };
      },
    },
  );
  const ping = () =>
    server.inject({
      method: "POST",
      path: "/library.v1.Library/Ping",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  const held = [ping(), ping()];
  await expect.poll(() => limiter.statistics().inFlight).toBe(2);
  const refused = await ping();
  expect(refused.status).toBe(429);
  expect(refused.json()).toMatchObject({
    code: 429,
    reason: "RATELIMIT",
    message: "service unavailable due to rate limit exceeded",
  });
  go.resolve();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  const stream = await server.inject({ path: "/v1/watch?pageSize=3" });
  expect(stream.status).toBe(200);
  expect(limiter.statistics()).toMatchObject({ inFlight: 0 });
});

test("rateLimit() is known to the client as what it is, and lets streams go that their readers leave", async () => {
  const limiter = new BbrLimiter({ cpu: () => 1 });
  const { host } = await serve(
    { middleware: [rateLimit({ limiter })] },
    {
      async *watchBooks(_request, { signal }) {
        yield { id: 1n };
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    },
  );
  const connection = new HttpClient({ endpoint: host, logger: nopLogger });
  try {
    const books = createClient(Library, connection);
    const open = [books.watchBooks({}), books.watchBooks({})].map((stream) =>
      stream[Symbol.asyncIterator](),
    );
    for (const each of open) expect((await each.next()).done).toBe(false);
    const error: unknown = await books.ping({}).catch((thrown: unknown) => thrown);
    expect(isLimitExceeded(error)).toBe(true);
    for (const each of open) await each.return?.();
    await expect.poll(() => limiter.statistics().inFlight).toBe(0);
    expect(await books.ping({ text: "x" })).toMatchObject({ text: "x" });
  } finally {
    await connection.close();
  }
});
