import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { HttpClient, type HttpClientOptions } from "../index.ts";
import { Library } from "../testdata/library_pb.js";
import { libraryServer, serve, stopServers } from "../testdata/serve.ts";

const folder = mkdtempSync(join(tmpdir(), "kratos-http-"));
afterEach(stopServers);
afterAll(() => rmSync(folder, { recursive: true }));

async function titleOf(options: HttpClientOptions): Promise<string> {
  const client = new HttpClient({ logger: nopLogger, ...options });
  try {
    return (await createClient(Library, client).getBook({ id: 1n, shelf: "s" })).title;
  } finally {
    await client.close();
  }
}

test("HttpClient and HttpServer speak over a unix socket", async () => {
  const address = `unix:${join(folder, "library.sock")}`;
  const server = libraryServer({ address });
  await server.start();
  expect(await titleOf({ endpoint: address })).toBe("s");
});

test("HttpClient and HttpServer speak over TLS", async () => {
  const [key, cert, ca] = [file("server-key.pem"), file("server.pem"), file("ca.pem")];
  const { server, host } = await serve({ tls: { key, cert } });
  expect((await server.endpoint()).protocol).toBe("https:");
  expect(await titleOf({ endpoint: `https://${host}`, tls: { ca } })).toBe("s");
  expect(await titleOf({ endpoint: host, tls: { ca } })).toBe("s");
  await expect(titleOf({ endpoint: `https://${host}` })).rejects.toMatchObject({ code: 503 });
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(200);
});

const file = (name: string): string =>
  readFileSync(new URL(`../testdata/tls/${name}`, import.meta.url), "utf8");
