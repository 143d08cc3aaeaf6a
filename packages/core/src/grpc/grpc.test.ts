import { describe, expect, test } from "vitest";
import { notFound } from "../errors/index.ts";
import { createClient } from "../rpc/index.ts";
import { GrpcClient } from "./index.ts";
import { Echo } from "./testdata/echo_pb.ts";
import { startEcho } from "./testdata/echo-service.ts";

async function* texts(...list: readonly string[]): AsyncGenerator<{ text: string }> {
  for (const text of list) yield { text };
}

async function collect(stream: AsyncIterable<{ text: string }>): Promise<readonly string[]> {
  const list: string[] = [];
  for await (const { text } of stream) list.push(text);
  return list;
}

describe("GrpcClient with GrpcServer", () => {
  test("GrpcClient makes all four kinds of calls", async () => {
    await using running = await startEcho();
    const client = new GrpcClient({ endpoint: running.address });
    const calls = createClient(Echo, client);
    expect((await calls.say({ text: "hi" })).text).toBe("hi");
    expect(await collect(calls.repeat({ text: "n", count: 3 }))).toEqual(["n 0", "n 1", "n 2"]);
    expect((await calls.gather(texts("a", "b", "c"))).text).toBe("a b c");
    expect(await collect(calls.chat(texts("x", "y")))).toEqual(["x", "y"]);
    await client.close();
  });

  test("GrpcClient gives back the KratosError of the handler, from a reply and from a stream", async () => {
    const fail = (): never => {
      throw notFound("ECHO_LOST", "no such echo: ü", { metadata: { at: "cliff" } });
    };
    await using running = await startEcho({
      say: fail,
      async *repeat({ text }) {
        yield { text };
        fail();
      },
    });
    const client = new GrpcClient({ endpoint: running.address });
    const calls = createClient(Echo, client);
    const expected = {
      code: 404,
      reason: "ECHO_LOST",
      message: "no such echo: ü",
      metadata: { at: "cliff" },
    };
    await expect(calls.say({})).rejects.toMatchObject(expected);
    await expect(collect(calls.repeat({ text: "a" }))).rejects.toMatchObject(expected);
    await client.close();
  });
});
