import { expect, test } from "vitest";
import { createClient } from "../../rpc/index.ts";
import { HttpClient, HttpServer } from "../index.ts";
import { Library } from "../testdata/library_pb.js";
import { libraryService } from "../testdata/library-service.ts";
import { nopLogger } from "../../log/index.ts";

test("HttpClient calls our server", async () => {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger }).register(
    Library,
    libraryService(),
  );
  await server.start();
  const client = new HttpClient({ endpoint: (await server.endpoint()).host, logger: nopLogger });
  const lib = createClient(Library, client);
  expect(await lib.getBook({ id: 7n })).toMatchObject({ id: 7n });
  expect(await lib.createBook({ shelf: "s/1", dryRun: true, book: { title: "x" } })).toMatchObject({
    title: "x",
    labels: { shelf: "s/1", dryRun: "true" },
  });
  expect(await lib.listTitles({})).toMatchObject({ titles: ["a", "b"] });
  expect(await lib.ping({ text: "x" })).toMatchObject({ text: "x" });
  expect(await lib.deleteBook({ id: 1n })).toMatchObject({});
  await expect(lib.getBook({ id: 404n })).rejects.toMatchObject({
    code: 404,
    reason: "BOOK_NOT_FOUND",
    metadata: { id: "404" },
  });
  const ids: bigint[] = [];
  for await (const book of lib.watchBooks({ pageSize: 3 })) ids.push(book.id);
  expect(ids).toEqual([1n, 2n, 3n]);
  await client.close();
  await server.stop(AbortSignal.timeout(1000));
});
