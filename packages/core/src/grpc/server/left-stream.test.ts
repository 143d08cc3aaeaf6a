import { expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { type Middleware, settle } from "../../middleware/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient } from "../index.ts";
import { startEcho } from "../testdata/echo-service.ts";
import { deferred } from "../testdata/deferred.ts";
import { Echo } from "../testdata/echo_pb.ts";

test("GrpcServer leaves the stream of a handler that answers when its caller has gone", async () => {
  const held = deferred();
  const reached = deferred();
  const settled = deferred();
  const late: Middleware = (next) => (request, ctx) => {
    const call = async (): Promise<unknown> => {
      reached.resolve();
      await held.promise;
      return next(request, ctx);
    };
    ctx.signal.addEventListener("abort", () => held.resolve());
    return settle(call, () => settled.resolve());
  };
  await using running = await startEcho({}, { middleware: [late] });
  const client = new GrpcClient({ endpoint: running.address, logger: nopLogger });
  try {
    const leaving = new AbortController();
    const replies = createClient(Echo, client).repeat(
      { text: "x", count: 1 },
      { signal: leaving.signal },
    );
    const first = replies[Symbol.asyncIterator]().next();
    await reached.promise;
    leaving.abort();
    await expect(first).rejects.toThrow("context canceled");
    await settled.promise;
  } finally {
    await client.close();
  }
});
