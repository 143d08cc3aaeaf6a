import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { Config } from "../config/index.ts";
import { background } from "../context/index.ts";
import type { KratosError } from "../errors/index.ts";
import { nopLogger } from "../log/index.ts";
import { circuitBreaker } from "../middleware/circuitbreaker/index.ts";
import { rateLimit } from "../middleware/ratelimit/index.ts";
import { recovery } from "../middleware/recovery/index.ts";
import { createClient } from "../rpc/index.ts";
import { wrrSelector } from "../selector/wrr/index.ts";
import { HttpClient } from "./index.ts";
import { Library } from "./testdata/library_pb.js";
import { libraryServer, serve, stopServers } from "./testdata/serve.ts";

afterEach(stopServers);

interface Case {
  readonly name: string;
  readonly input: { readonly id: string };
  readonly expected: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly plain?: string;
  };
}

const { cases } = JSON.parse(
  readFileSync(new URL("testdata/builtin-errors.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

/** The cases that run elsewhere, and where. */
const elsewhere: ReadonlyMap<string, string> = new Map(
  cases
    .map(({ name }) => name)
    .filter((name) => name.startsWith("jwt.") || name === "metadata service, unknown service")
    .map((name) => [name, name.startsWith("jwt.") ? "middleware/jwt" : "grpc/api-metadata"]),
);

const open = { allow: () => false, markSuccess() {}, markFailed() {} };

const failures: Readonly<Record<string, () => unknown>> = {
  "recovery.ErrUnknownRequest": () =>
    recovery({ logger: nopLogger })(() => {
      throw new Error("boom");
    })({}, background),
  "ratelimit.ErrLimitExceed": () =>
    rateLimit({ limiter: { allow: () => undefined } })(async () => ({}))({}, background),
  async "circuitbreaker.ErrNotAllowed"() {
    const client = new HttpClient({
      endpoint: (await serve()).host,
      logger: nopLogger,
      middleware: [circuitBreaker({ breaker: () => open })],
    });
    try {
      return await createClient(Library, client).getBook({ id: 1n });
    } finally {
      await client.close();
    }
  },
  "selector.ErrNoAvailable": () => wrrSelector().select(background),
  async "http client NODE_NOT_FOUND"() {
    const endpoint = (await serve()).host;
    const client = new HttpClient({ endpoint, logger: nopLogger, nodeFilters: [() => []] });
    try {
      return await createClient(Library, client).getBook({ id: 1n });
    } finally {
      await client.close();
    }
  },
  async binding() {
    return (await libraryServer().inject({ path: "/v1/books/x" })).json();
  },
  "config.ErrNotFound": () => new Config({ sources: [] }).value("a").string(),
};

async function failureOf(id: string): Promise<unknown> {
  try {
    return await failures[id]?.();
  } catch (error) {
    return error;
  }
}

describe("the errors of the framework by the vectors", () => {
  test.each(cases.filter(({ name }) => !elsewhere.has(name)))(
    "$name",
    async ({ input, expected }) => {
      const error = await failureOf(input.id);
      if (expected.plain !== undefined) {
        expect((error as Error).message.startsWith(expected.plain)).toBe(true);
        return;
      }
      const { code, reason, message } = error as KratosError;
      expect({ code, reason }).toEqual({ code: expected.code, reason: expected.reason });
      if (expected.message.startsWith("<")) expect(message).not.toBe("");
      else expect(message).toBe(expected.message);
    },
  );

  test("eight cases run elsewhere", () => {
    expect([...elsewhere.values()].toSorted()).toEqual([
      "grpc/api-metadata",
      ...Array<string>(7).fill("middleware/jwt"),
    ]);
  });
});
