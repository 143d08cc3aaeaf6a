import { execFileSync } from "node:child_process";
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

test.skipIf(!hasOpenssl())("HttpClient and HttpServer speak over TLS", async () => {
  const { key, cert } = selfSigned();
  const { server, host } = await serve({ tls: { key, cert } });
  expect((await server.endpoint()).protocol).toBe("https:");
  expect(await titleOf({ endpoint: `https://${host}`, tls: { ca: cert } })).toBe("s");
  expect(await titleOf({ endpoint: host, tls: { ca: cert } })).toBe("s");
  await expect(titleOf({ endpoint: `https://${host}` })).rejects.toMatchObject({ code: 503 });
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(200);
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function selfSigned(): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  execFileSync("openssl", ["req", "-x509", ...made, ...subject, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
