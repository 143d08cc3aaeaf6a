/** The example from outside: its built programs, run and called as a user would. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type Discovery, localRegistry, type ServiceInstance } from "@kratosjs/core";
import { GrpcClient } from "@kratosjs/core/grpc";
import { HttpClient } from "@kratosjs/core/http";
import type { Middleware } from "@kratosjs/core/middleware";
import { pickEndpoint } from "@kratosjs/core/registry";
import { peer } from "@kratosjs/core/selector";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { errors } from "./biz/greeter.ts";
import { Greeter } from "./gen/helloworld/v1/greeter_pb.ts";
import { type Program, runProgram } from "./testing/program.ts";

let tmp = "";
let discovery: Discovery;
const programs: Program[] = [];
const originalTmp = process.env["TMPDIR"];

beforeAll(() => {
  tmp = mkdtempSync(join(tmpdir(), "helloworld-"));
  process.env["TMPDIR"] = tmp;
  discovery = localRegistry();
});

afterEach(async () => {
  for (const program of programs) program.process.kill("SIGKILL");
  await Promise.all(programs.splice(0).map((program) => program.ended));
});

afterAll(() => {
  if (originalTmp === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = originalTmp;
  rmSync(tmp, { recursive: true, force: true });
});

function run(name: string, args: readonly string[] = []): Program {
  const program = runProgram(name, { tmp, args });
  programs.push(program);
  return program;
}

/** The instances, as soon as they are as many as wanted. */
async function instances(count: number): Promise<readonly ServiceInstance[]> {
  const controller = new AbortController();
  for await (const set of discovery.watch("helloworld", { signal: controller.signal })) {
    if (set.length === count) return set;
  }
  throw new Error("the registry ended");
}

function portOf(instance: ServiceInstance | undefined, scheme: string): number {
  const endpoint = instance === undefined ? "" : pickEndpoint(instance, scheme);
  return Number(endpoint?.split(":").at(-1));
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

describe("npm start -- --once", () => {
  it("shows the service working over both wires and ends well", async () => {
    const demo = run("demo", ["--once", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]);
    expect(await demo.ended).toBe(0);
    const output = demo.output();
    expect(output.match(/Hello kratos$/gm)).toHaveLength(2);
    expect(
      output.match(/Hello kratos \(1 of 3\), Hello kratos \(2 of 3\), Hello kratos \(3 of 3\)$/gm),
    ).toHaveLength(2);
    expect(output.match(/404 GREETER_NOT_FOUND: there is nobody called "nobody"$/gm)).toHaveLength(
      2,
    );
    expect(output).toMatch(/curl http:\/\/127.0.0.1:\d+\/helloworld\/kratos/);
    expect(output).toMatch(/grpcurl -plaintext .* 127.0.0.1:\d+ helloworld.v1.Greeter\/SayHello/);
  });

  it("names a taken port and the option that changes it", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const demo = run("demo", ["--once", "--http", `127.0.0.1:${port}`]);
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toContain(`127.0.0.1:${port}`);
    expect(demo.output()).toMatch(/--http HOST:PORT/);
    taken.close();
  });
});

describe("the service", () => {
  it("answers REST, and a declared error as Kratos does", async () => {
    run("main");
    const [instance] = await instances(1);
    const base = `http://127.0.0.1:${portOf(instance, "http")}`;
    expect(await (await fetch(`${base}/helloworld/kratos`)).json()).toEqual({
      message: "Hello kratos",
    });
    const posted = await fetch(`${base}/helloworld`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"post"}',
    });
    expect(await posted.json()).toEqual({ message: "Hello post" });
    const missing = await fetch(`${base}/helloworld/nobody`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({
      code: 404,
      reason: "GREETER_NOT_FOUND",
      message: 'there is nobody called "nobody"',
      metadata: { name: "nobody" },
    });
  });

  it("gives the same error back through both clients", async () => {
    run("main");
    await instances(1);
    const options = { endpoint: "discovery:///helloworld", discovery };
    for (const connection of [new HttpClient(options), new GrpcClient(options)]) {
      const error = await createClient(Greeter, connection)
        .sayHello({ name: "nobody" })
        .catch((caught: unknown) => caught);
      expect(errors.isGreeterNotFound(error)).toBe(true);
      expect(error).toMatchObject({
        code: 404,
        reason: "GREETER_NOT_FOUND",
        metadata: { name: "nobody" },
      });
      await connection.close();
    }
  });

  it("is deregistered first on SIGTERM, answers the call under way, refuses new ones, and ends with 0", async () => {
    const program = run("main");
    const [instance] = await instances(1);
    const grpcPort = portOf(instance, "grpc");
    const connection = new GrpcClient({ endpoint: `127.0.0.1:${grpcPort}` });
    const stream = createClient(Greeter, connection).sayHelloStream({ name: "slow", count: 20 });
    const greetings = stream[Symbol.asyncIterator]();
    await greetings.next();
    program.process.kill("SIGTERM");
    await instances(0);
    let count = 1;
    let refused = false;
    for (let next = await greetings.next(); next.done !== true; next = await greetings.next()) {
      count += 1;
      refused ||= await isRefused(grpcPort);
    }
    expect(count).toBe(20);
    expect(refused).toBe(true);
    expect(await program.ended).toBe(0);
    await connection.close();
  });

  it("ends at once on a second signal", async () => {
    const program = run("main");
    const [instance] = await instances(1);
    const connection = new HttpClient({ endpoint: `127.0.0.1:${portOf(instance, "http")}` });
    const stream = createClient(Greeter, connection).sayHelloStream({ name: "slow", count: 100 });
    const greetings = stream[Symbol.asyncIterator]();
    await greetings.next();
    program.process.kill("SIGTERM");
    await instances(0);
    program.process.kill("SIGTERM");
    expect(await program.ended).toBe("SIGTERM");
    await greetings.return?.();
    await connection.close();
  });
});

describe("two copies of the service", () => {
  it("are both used; when one is killed no call after the heartbeat fails", async () => {
    const first = run("main");
    run("main");
    expect(await instances(2)).toHaveLength(2);
    const used = new Set<string>();
    const notePeer: Middleware = (next) => (request, ctx) =>
      next(request, ctx).finally(() => used.add(peer(ctx)?.address ?? ""));
    const options = { endpoint: "discovery:///helloworld", discovery, middleware: [notePeer] };
    const grpc = new GrpcClient(options);
    const http = new HttpClient(options);
    const clients = [createClient(Greeter, grpc), createClient(Greeter, http)];
    for (const client of clients)
      for (let call = 0; call < 10; call += 1) await client.sayHello({ name: "both" });
    expect(used.size).toBe(4); // two instances, two ports each
    first.process.kill("SIGKILL");
    await first.ended;
    await instances(1);
    for (const client of clients) {
      for (let call = 0; call < 50; call += 1)
        expect(await client.sayHello({ name: "left" })).toMatchObject({ message: "Hello left" });
    }
    await Promise.all([grpc.close(), http.close()]);
  });
});
