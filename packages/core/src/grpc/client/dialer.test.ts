import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createClient } from "../../rpc/index.ts";
import { testPem } from "../../transport/tls/testdata/certificate-files.ts";
import { startEcho } from "../testdata/echo-service.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { GrpcClient } from "./grpc-client.ts";
import type { GrpcClientOptions } from "./grpc-client-options.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A proxy that knows CONNECT alone; it answers with the status if one is given, and keeps what it was asked. */
async function startProxy(refusal?: number): Promise<{
  readonly host: string;
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
}> {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on("connection", (socket) => sockets.add(socket));
  proxy.on("connect", (request, client, head) => {
    const target = request.url ?? "";
    asked.push({ target, authorization: request.headers["proxy-authorization"] });
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const peer = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      peer.write(head);
      peer.pipe(client).pipe(peer);
    });
    peer.on("error", () => client.destroy());
    client.on("error", () => peer.destroy());
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  ends.push(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked }; // it listens on a port
}

function clientOf(options: GrpcClientOptions): ReturnType<typeof createClient<typeof Echo>> {
  const client = new GrpcClient(options);
  ends.push(() => client.close(AbortSignal.abort()));
  return createClient(Echo, client);
}

test("proxy brings calls to the server through CONNECT, with the user and password of its URL", async () => {
  const { host, asked } = await startProxy();
  await using running = await startEcho();
  const calls = clientOf({ endpoint: running.address, proxy: `http://user:p%40ss@${host}` });
  expect((await calls.say({ text: "hello" })).text).toBe("hello");
  const texts: string[] = [];
  for await (const { text } of calls.repeat({ text: "a", count: 3 })) texts.push(text);
  expect(texts).toEqual(["a 0", "a 1", "a 2"]);
  const authorization = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;
  expect(asked).toEqual([{ target: running.address, authorization }]);
});

test("proxy carries TLS within, by the name of the server and not of the proxy", async () => {
  const { host, asked } = await startProxy();
  const [cert, key] = await Promise.all([readFile(testPem("old")), readFile(testPem("old-key"))]);
  await using running = await startEcho({}, { tls: { cert, key } });
  const endpoint = `localhost:${running.port}`;
  const tls = { ca: cert, checkServerIdentity: () => undefined };
  const calls = clientOf({ endpoint, tls, proxy: new URL(`http://${host}`) });
  expect((await calls.say({ text: "safe" })).text).toBe("safe");
  expect(asked).toEqual([{ target: endpoint, authorization: undefined }]);
  const strangers = clientOf({ endpoint, tls: {}, proxy: `http://${host}` });
  await expect(strangers.say({})).rejects.toMatchObject({ code: 503 });
});

test("proxy that refuses ends calls as UNAVAILABLE, and nothing tells its password", async () => {
  const { host } = await startProxy(407);
  const client = new GrpcClient({
    endpoint: "service.test:1",
    proxy: `http://user:secret@${host}`,
  });
  ends.push(() => client.close(AbortSignal.abort()));
  const failure = await createClient(Echo, client)
    .say({})
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 503 });
  expect(String(failure)).toContain("407");
  const cause: unknown = failure instanceof Error ? failure.cause : undefined;
  const told = [failure, cause, client.describe()].map(
    (part) => `${String(part)} ${JSON.stringify(part)}`,
  );
  expect(told.join(" ")).not.toMatch(/secret|dXNlcjpzZWNyZXQ/);
});

test("proxy that cannot be reached, or says nothing in time, ends calls as UNAVAILABLE", async () => {
  const silent = createServer().on("connect", (_request, socket) => {
    socket.on("error", () => {}).on("end", () => socket.destroy());
    socket.resume();
  });
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const { port } = silent.address() as AddressInfo; // it listens on a port
  const proxy = `http://127.0.0.1:${port}`;
  const slow = clientOf({ endpoint: "a.test:1", proxy, connectTimeoutMs: 50 });
  await expect(slow.say({})).rejects.toMatchObject({ code: 503 });
  silent.close();
  await once(silent, "close");
  await expect(clientOf({ endpoint: "b.test:1", proxy }).say({})).rejects.toMatchObject({
    code: 503,
  });
});

test("proxy must be an http: URL and alone; what is wrong with it is told without its password", () => {
  const make = (options: Partial<GrpcClientOptions>) => () =>
    new GrpcClient({ endpoint: "a:1", ...options });
  for (const proxy of [
    "https://u:secret@p:1",
    "socks5://u:secret@p:1",
    "u:secret@p",
    "http://u:secret@p:x",
  ]) {
    expect(make({ proxy })).toThrow(TypeError);
    expect(make({ proxy })).not.toThrow("secret");
  }
  expect(make({ proxy: "http://p:1", dialer: () => Promise.reject(new Error("no")) })).toThrow(
    "only one of `dialer` and `proxy`",
  );
});

test("dialer opens the connections of all addresses", async () => {
  await using running = await startEcho();
  const asked: string[] = [];
  const calls = clientOf({
    endpoint: "elsewhere.test:443",
    dialer: (address) => {
      asked.push(address);
      return Promise.resolve(connect(running.port, "127.0.0.1"));
    },
  });
  expect((await calls.say({ text: "dialled" })).text).toBe("dialled");
  expect(asked).toEqual(["elsewhere.test:443"]);
});

test("dialer that fails, or does not end in time, ends calls as UNAVAILABLE and hears the signal", async () => {
  const failing = clientOf({
    endpoint: "a:1",
    dialer: () => {
      throw new Error("no way");
    },
  });
  await expect(failing.say({})).rejects.toMatchObject({
    code: 503,
    message: expect.stringContaining("no way"),
  });
  const heard: AbortSignal[] = [];
  const hanging = clientOf({
    endpoint: "a:1",
    connectTimeoutMs: 30,
    dialer: (_address, { signal }) => {
      heard.push(signal);
      return new Promise(() => {});
    },
  });
  await expect(hanging.say({})).rejects.toMatchObject({ code: 503 });
  expect(heard.map(({ aborted }) => aborted)).toEqual([true]);
});
