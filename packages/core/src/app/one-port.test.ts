import { expect, test } from "vitest";
import { GrpcClient, GrpcServer } from "../grpc/index.ts";
import { HttpClient, HttpServer } from "../http/index.ts";
import { libraryService } from "../http/testdata/library-service.ts";
import { testCertificates } from "../http/testdata/h2-client.ts";
import { Library } from "../http/testdata/library_pb.js";
import { nopLogger } from "../log/index.ts";
import { memoryRegistry } from "../registry/memory/index.ts";
import { createClient } from "../rpc/index.ts";
import type { Server } from "../transport/index.ts";
import { App } from "./index.ts";

const { key, cert, ca } = testCertificates;

test.each([
  ["in clear text", {}, ["http", "grpc"]],
  ["over TLS", { tls: { key, cert } }, ["https", "grpcs"]],
])(
  "App registers an HttpServer with gRPC for clients of both, on one port, %s",
  async (_name, secure, schemes) => {
    const discovery = memoryRegistry();
    const address = "127.0.0.1:0";
    const server = new HttpServer({ address, grpc: true, logger: nopLogger, ...secure });
    server.register(Library, libraryService());
    const [app, running] = await run(server, discovery);
    const { host } = await server.endpoint();
    expect(app.endpoints).toEqual(schemes.map((scheme) => `${scheme}://${host}`));

    const tls = "tls" in secure ? { tls: { ca, servername: "localhost" } } : {};
    const options = { endpoint: "discovery:///library", discovery, logger: nopLogger, ...tls };
    const overHttp = new HttpClient(options);
    const overGrpc = new GrpcClient(options);
    const replies = await Promise.all(
      [overHttp, overGrpc].map((client) =>
        createClient(Library, client).getBook({ id: 7n, shelf: "past" }),
      ),
    );
    expect(replies).toMatchObject([
      { id: 7n, title: "past" },
      { id: 7n, title: "past" },
    ]);
    await Promise.all([overHttp.close(), overGrpc.close(AbortSignal.abort())]);
    await app.stop();
    await running;
  },
);

test.each<[string, Server, RegExp]>([
  ["an HttpServer", new HttpServer({ address: "127.0.0.1:0", logger: nopLogger }), /^http:/],
  ["a GrpcServer", new GrpcServer({ address: "127.0.0.1:0", logger: nopLogger }), /^grpc:/],
])(
  "App registers %s that speaks one protocol under its scheme alone",
  async (_name, server, url) => {
    const [app, running] = await run(server, memoryRegistry());
    expect(app.endpoints).toEqual([expect.stringMatching(url)]);
    await app.stop();
    await running;
  },
);

test("App registers a public URL of an HttpServer under gRPC with the port of its scheme", async () => {
  const options = { address: "127.0.0.1:0", grpc: true, logger: nopLogger };
  const server = new HttpServer({ ...options, endpoint: "https://library.example" });
  const [app, running] = await run(server, memoryRegistry());
  expect(app.endpoints).toEqual(["https://library.example:443", "grpcs://library.example:443"]);
  await app.stop();
  await running;
});

/** An App that has registered its server; what it answers settles with its end. */
async function run(
  server: Server,
  registrar: ReturnType<typeof memoryRegistry>,
): Promise<readonly [App, Promise<void>]> {
  let started: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    started = resolve;
  });
  const app = new App({
    name: "library",
    servers: [server],
    registrar,
    signals: [],
    logger: nopLogger,
    afterStart: [() => started()],
  });
  const running = app.run();
  await Promise.race([ready, running]);
  return [app, running];
}
