import { connect as connectSocket } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { GrpcCode } from "../../errors/index.ts";
import { deferred } from "../testdata/deferred.ts";
import { startEcho } from "../testdata/echo-service.ts";
import { RawClient, sayFrame } from "../testdata/raw-client.ts";

const status = (code: keyof typeof GrpcCode): string => String(GrpcCode[code]);

interface BadInput {
  readonly name: string;
  readonly headers?: Record<string, string>;
  readonly pieces?: readonly Uint8Array[];
  readonly open?: boolean;
  readonly expected: Record<string, unknown>;
}

const cases: readonly BadInput[] = [
  {
    name: "an unknown service",
    headers: { ":path": "/no.Such/Method" },
    expected: {
      ":status": 200,
      "grpc-status": status("UNIMPLEMENTED"),
      "grpc-message": "unknown service no.Such",
    },
  },
  {
    name: "an unknown method",
    headers: { ":path": "/kratos.test.v1.Echo/Shout" },
    expected: {
      "grpc-status": status("UNIMPLEMENTED"),
      "grpc-message": "unknown method Shout for service kratos.test.v1.Echo",
    },
  },
  {
    name: "a path that is none",
    headers: { ":path": "/" },
    expected: { "grpc-status": status("UNIMPLEMENTED") },
  },
  { name: "a GET", headers: { ":method": "GET" }, expected: { ":status": 405, allow: "POST" } },
  {
    name: "another content type",
    headers: { "content-type": "application/json" },
    expected: { ":status": 415 },
  },
  {
    name: "gRPC-Web",
    headers: { "content-type": "application/grpc-web+proto" },
    expected: { ":status": 415 },
  },
  {
    name: "an unknown codec",
    headers: { "content-type": "application/grpc+xml" },
    expected: { ":status": 415 },
  },
  {
    name: "a malformed timeout",
    headers: { "grpc-timeout": "1 hour" },
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "an unknown encoding",
    headers: { "grpc-encoding": "snappy" },
    expected: {
      "grpc-status": status("UNIMPLEMENTED"),
      "grpc-accept-encoding": "identity,gzip,deflate",
    },
  },
  { name: "no message", expected: { "grpc-status": status("UNIMPLEMENTED") } },
  {
    name: "no message to a server stream",
    headers: { ":path": "/kratos.test.v1.Echo/Repeat" },
    expected: { "grpc-status": status("UNIMPLEMENTED") },
  },
  {
    name: "two messages",
    pieces: [sayFrame("a"), sayFrame("b")],
    expected: { "grpc-status": status("UNIMPLEMENTED") },
  },
  {
    name: "two messages in one piece",
    pieces: [Buffer.concat([sayFrame("a"), sayFrame("b")])],
    expected: { "grpc-status": status("UNIMPLEMENTED") },
  },
  {
    name: "a truncated message",
    pieces: [sayFrame("abc").subarray(0, 7)],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "a truncated prefix",
    pieces: [new Uint8Array([0, 0])],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "a truncated message to a stream",
    headers: { ":path": "/kratos.test.v1.Echo/Gather" },
    pieces: [sayFrame("abc").subarray(0, 7)],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "a message that is no protobuf",
    pieces: [new Uint8Array([0, 0, 0, 0, 2, 0xff, 0xff])],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "an unknown flag",
    pieces: [new Uint8Array([2, 0, 0, 0, 0])],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "a compressed message without an encoding",
    pieces: [new Uint8Array([1, 0, 0, 0, 1, 0])],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "a message that is no gzip",
    headers: { "grpc-encoding": "gzip" },
    pieces: [new Uint8Array([1, 0, 0, 0, 3, 1, 2, 3])],
    expected: { "grpc-status": status("INTERNAL") },
  },
  {
    name: "a length of 4 GiB",
    pieces: [new Uint8Array([0, 255, 255, 255, 255, 1])],
    open: true,
    expected: { "grpc-status": status("RESOURCE_EXHAUSTED") },
  },
  {
    name: "a length of 4 GiB to a stream",
    headers: { ":path": "/kratos.test.v1.Echo/Chat" },
    pieces: [new Uint8Array([0, 255, 255, 255, 255, 1])],
    open: true,
    expected: { "grpc-status": status("RESOURCE_EXHAUSTED") },
  },
];

describe("GrpcServer with bad input", () => {
  for (const { name, headers = {}, pieces = [], open = false, expected } of cases) {
    test(`GrpcServer answers ${name} with its status, and the next call with its reply`, async () => {
      await using running = await startEcho();
      await using client = new RawClient(running.address);
      const { header, trailer } = await client.send(headers, pieces, { open });
      expect({ ...header, ...trailer }).toMatchObject(expected);
      const next = await client.send({}, [sayFrame("next")]);
      expect(next.trailer["grpc-status"]).toBe("0");
      expect(next.body.toString("latin1")).toContain("next");
    });
  }

  test("GrpcServer reads a message that comes byte by byte", async () => {
    await using running = await startEcho();
    await using client = new RawClient(running.address);
    const pieces = [...sayFrame("slowly")].map((byte) => new Uint8Array([byte]));
    expect((await client.send({}, pieces)).body.toString("latin1")).toContain("slowly");
  });

  test("GrpcServer packs the reply where the caller reads it, and not otherwise", async () => {
    await using running = await startEcho({}, { compression: "gzip", compressMinBytes: 10 });
    await using client = new RawClient(running.address);
    const text = "long".repeat(100);
    const packed = await client.send({ "grpc-accept-encoding": "identity, gzip" }, [
      sayFrame(text),
    ]);
    expect(packed.header["grpc-encoding"]).toBe("gzip");
    expect(packed.body[0]).toBe(1);
    expect(gunzipSync(packed.body.subarray(5)).toString("latin1")).toContain(text);
    const plain = await client.send({}, [sayFrame(text)]);
    expect(plain.header["grpc-encoding"]).toBeUndefined();
    expect(plain.body[0]).toBe(0);
    const short = await client.send({ "grpc-accept-encoding": "gzip" }, [sayFrame("s")]);
    expect(short.body[0]).toBe(0);
  });

  test("GrpcServer speaks JSON to who asks in it", async () => {
    await using running = await startEcho();
    await using client = new RawClient(running.address);
    const json = Buffer.from('{"text":"j"}');
    const prefix = Buffer.from([0, 0, 0, 0, json.length]);
    const { header, body } = await client.send({ "content-type": "application/grpc+json" }, [
      prefix,
      json,
    ]);
    expect(header["content-type"]).toBe("application/grpc+json");
    expect(JSON.parse(body.subarray(5).toString())).toMatchObject({ text: "j" });
  });

  test("GrpcServer survives garbage instead of HTTP/2", async () => {
    await using running = await startEcho();
    const closed = deferred();
    const socket = connectSocket(running.port, "127.0.0.1", () =>
      socket.write("\0garbage".repeat(100)),
    );
    socket.on("error", () => {});
    socket.on("close", () => closed.resolve());
    socket.resume();
    await closed.promise;
    await using client = new RawClient(running.address);
    expect((await client.send({}, [sayFrame("fine")])).trailer["grpc-status"]).toBe("0");
  });

  test("GrpcServer cancels the call of a peer that vanishes", async () => {
    const entered = deferred();
    const aborted = deferred();
    await using running = await startEcho({
      async say(_request, ctx) {
        ctx.signal.addEventListener("abort", () => aborted.resolve());
        entered.resolve();
        await aborted.promise;
        return {};
      },
    });
    await using client = new RawClient(running.address);
    void client.send({}, [sayFrame("v")]);
    await entered.promise;
    client.vanish();
    await aborted.promise;
    expect(running.server.sessions.length).toBeLessThanOrEqual(1);
  });
});
