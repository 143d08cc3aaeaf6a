import { create, createFileRegistry, fromBinary, getOption, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Client as ForeignClient, credentials, type ServiceError } from "@grpc/grpc-js";
import { http } from "@kratosjs/protos/google/api/annotations_pb.js";
import {
  type GetServiceDescReply,
  GetServiceDescReplySchema,
  GetServiceDescRequestSchema,
  Metadata,
} from "@kratosjs/protos/kratos/api/metadata_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { unauthorized } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { apiMetadataService, GrpcClient, GrpcServer } from "../index.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(options: Parameters<typeof startEcho>[1] = {}): Promise<RunningServer> {
  const running = await startEcho({}, options);
  cleanups.push(() => running.stop());
  return running;
}

function clientOf({ address }: { readonly address: string }): Client<typeof Metadata> {
  const client = new GrpcClient({ endpoint: address, logger: nopLogger });
  cleanups.push(() => client.close(AbortSignal.abort()));
  return createClient(Metadata, client);
}

/** Asks with a client of `@grpc/grpc-js` that knows nothing of services. */
function askForeign(address: string, name: string): Promise<FileDescriptorSet | undefined> {
  const client = new ForeignClient(address, credentials.createInsecure());
  cleanups.push(() => client.close());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      "/kratos.api.Metadata/GetServiceDesc",
      (wanted: string) =>
        Buffer.from(
          toBinary(
            GetServiceDescRequestSchema,
            create(GetServiceDescRequestSchema, { name: wanted }),
          ),
        ),
      (bytes: Buffer) => fromBinary(GetServiceDescReplySchema, bytes),
      name,
      (error: ServiceError | null, reply?: GetServiceDescReply) =>
        error === null ? resolve(reply?.fileDescSet) : reject(error),
    );
  });
}

function namesOf(files: FileDescriptorSet | undefined): readonly string[] {
  return files?.file.map(({ name }) => name) ?? [];
}

describe("kratos.api.Metadata", () => {
  test("kratos.api.Metadata lists all services and their methods in order", async () => {
    const { services, methods } = await clientOf(await start()).listServices({});
    expect(services).toEqual([
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "kratos.api.Metadata",
      "kratos.test.v1.Echo",
    ]);
    expect(methods).toEqual([
      "/grpc.health.v1.Health/Check",
      "/grpc.health.v1.Health/List",
      "/grpc.health.v1.Health/Watch",
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      "/kratos.api.Metadata/GetServiceDesc",
      "/kratos.api.Metadata/ListServices",
      "/kratos.test.v1.Echo/Chat",
      "/kratos.test.v1.Echo/Gather",
      "/kratos.test.v1.Echo/Repeat",
      "/kratos.test.v1.Echo/Say",
    ]);
  });

  test("kratos.api.Metadata answers a grpc-js client files that stand for themselves, imports first, each once", async () => {
    const { address } = await start();
    expect(namesOf(await askForeign(address, "kratos.test.v1.Echo"))).toEqual(["echo.proto"]);
    const files = await askForeign(address, "kratos.api.Metadata");
    expect(namesOf(files)).toEqual([
      "google/api/http.proto",
      "google/protobuf/descriptor.proto",
      "google/api/annotations.proto",
      "kratos/api/metadata.proto",
    ]);
    // What a tool makes of the set alone, its bytes read again.
    const read = fromBinary(
      FileDescriptorSetSchema,
      toBinary(FileDescriptorSetSchema, files ?? create(FileDescriptorSetSchema)),
    );
    const service = createFileRegistry(read).getService("kratos.api.Metadata");
    expect(service?.methods.map((method) => getOption(method, http).pattern)).toEqual([
      { case: "get", value: "/services" },
      { case: "get", value: "/services/{name}" },
    ]);
  });

  test("kratos.api.Metadata says NOT_FOUND of a service that is not there", async () => {
    const running = await start();
    const message = "service no.Such not found";
    await expect(askForeign(running.address, "no.Such")).rejects.toMatchObject({
      code: 5,
      details: message,
    });
    await expect(clientOf(running).getServiceDesc({ name: "no.Such" })).rejects.toMatchObject({
      code: 404,
      message,
    });
    await expect(clientOf(running).getServiceDesc({})).rejects.toMatchObject({ code: 404 });
  });

  test("kratos.api.Metadata has no middleware", async () => {
    const locked = () => () => {
      throw unauthorized("NO_TOKEN", "who are you?");
    };
    const calls = clientOf(await start({ middleware: [locked] }));
    expect((await calls.listServices({})).services).toContain("kratos.test.v1.Echo");
  });

  test.each([
    [{}, true],
    [{ apiMetadata: false }, false],
    [{ reflection: false }, false],
    [{ reflection: false, apiMetadata: true }, true],
  ])("kratos.api.Metadata by %o is served: %s", async (options, served) => {
    const answer = clientOf(await start(options)).listServices({});
    if (served) expect((await answer).methods).toContain("/kratos.test.v1.Echo/Say");
    else await expect(answer).rejects.toMatchObject({ code: 501 });
  });
});

describe("apiMetadataService()", () => {
  test("apiMetadataService() takes the place of the server's own", async () => {
    const server = new GrpcServer({ address: "127.0.0.1:0", logger: nopLogger });
    server.register(
      Metadata,
      apiMetadataService(() => [Echo]),
    );
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.abort()));
    const calls = clientOf({ address: (await server.endpoint()).host });
    expect((await calls.listServices({})).services).toEqual(["kratos.test.v1.Echo"]);
    await expect(calls.getServiceDesc({ name: "kratos.api.Metadata" })).rejects.toMatchObject({
      code: 404,
    });
  });
});
