import { afterEach, describe, expect, test } from "vitest";
import { background } from "../../context/index.ts";
import { fieldsFromContext } from "../../log/index.ts";
import { requestId, requestIdOf, type RequestIdOptions } from "../index.ts";
import { ask, wires } from "../testdata/both-wires.ts";
import { closeH2 } from "../testdata/h2-client.ts";
import { serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe.each(wires)("requestId() over %s", (wire) => {
  async function idOf(
    options: RequestIdOptions,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const seen: unknown[] = [];
    const { origin } = await serve(
      { filters: [requestId(options)] },
      {
        async getBook(_request, ctx) {
          seen.push(requestIdOf(ctx), fieldsFromContext(ctx)["request_id"]);
          return {};
        },
      },
    );
    const reply = await ask(wire, origin, { path: "/v1/books/1", headers });
    const id = String(reply.headers[(options.header ?? "x-request-id").toLowerCase()]);
    expect(seen).toEqual([id, id]);
    return id;
  }

  test("makes an id and says it in the answer, the context and the log", async () => {
    const first = await idOf({});
    expect([first, await idOf({})]).toEqual([
      expect.stringMatching(uuid),
      expect.not.stringMatching(first),
    ]);
  });

  test("does not believe strangers", async () => {
    expect(await idOf({}, { "x-request-id": "mine" })).toMatch(uuid);
    const trust = (): boolean => false;
    expect(await idOf({ trust }, { "x-request-id": "mine" })).toMatch(uuid);
  });

  test("takes the id of those it trusts", async () => {
    expect(await idOf({ trust: true }, { "x-request-id": "mine-1:a/b+c=" })).toBe("mine-1:a/b+c=");
    const options: RequestIdOptions = {
      header: "X-Trace",
      trust: (exchange) => !exchange.secure,
    };
    expect(await idOf(options, { "x-trace": "theirs" })).toBe("theirs");
  });

  test.each([
    ["long", "x".repeat(129)],
    ["with spaces", "a b"],
    ["of markup", "<b>"],
    ["of quotes", '"a"'],
  ])("makes its own in place of one that is %s", async (_, sent) => {
    expect(await idOf({ trust: true }, { "x-request-id": sent })).toMatch(uuid);
  });

  test("marks errors as well", async () => {
    const { origin } = await serve({ filters: [requestId({ generate: () => "made" })] });
    const reply = await ask(wire, origin, { path: "/nowhere" });
    expect([reply.status, reply.headers["x-request-id"]]).toEqual([404, "made"]);
  });
});

test("requestIdOf() is empty where there is none", () => {
  expect(requestIdOf(background)).toBe("");
});

test("requestId() refuses a header that is none when it is made", () => {
  expect(() => requestId({ header: "a b" })).toThrow(/^Cannot .* as .*: current value is "a b"/);
});
