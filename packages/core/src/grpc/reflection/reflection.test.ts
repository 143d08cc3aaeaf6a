import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ServerReflection } from "@kratosjs/protos/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as Alpha } from "@kratosjs/protos/grpc/reflection/v1alpha/reflection_pb.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient } from "../index.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";

let running: RunningServer;
let client: GrpcClient;
beforeEach(async () => {
  running = await startEcho();
  client = new GrpcClient({ endpoint: running.address, logger: nopLogger });
});
afterEach(async () => {
  await client.close(AbortSignal.abort());
  await running.stop();
});

type Question = { readonly case: string; readonly value: unknown };

async function ask(service: typeof ServerReflection | typeof Alpha, ...questions: readonly Question[]): Promise<any[]> {
  const reflection: any = createClient(service as typeof ServerReflection, client);
  async function* requests(): AsyncGenerator<unknown> {
    for (const messageRequest of questions) yield { host: "h", messageRequest };
  }
  const answers: any[] = [];
  for await (const answer of reflection.serverReflectionInfo(requests())) answers.push(answer);
  return answers;
}

const fileNames = (answer: any): string[] =>
  answer.messageResponse.value.fileDescriptorProto.map(
    (bytes: Uint8Array) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );

describe("reflection", () => {
  for (const [version, service] of [["v1", ServerReflection], ["v1alpha", Alpha]] as const) {
    test(`reflection ${version} lists the services`, async () => {
      const [answer] = await ask(service, { case: "listServices", value: "" });
      expect(answer.validHost).toBe("h");
      expect(answer.messageResponse.value.service.map(({ name }: { name: string }) => name)).toEqual([
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "kratos.test.v1.Echo",
      ]);
    });

    test(`reflection ${version} answers the file of a service, a method, a message, a field and a name`, async () => {
      const symbols = ["kratos.test.v1.Echo", "kratos.test.v1.Echo.Say", "kratos.test.v1.EchoReply", "kratos.test.v1.EchoReply.text"];
      for (const value of symbols) {
        const [answer] = await ask(service, { case: "fileContainingSymbol", value });
        expect(fileNames(answer)).toEqual(["echo.proto"]);
      }
      const [byName] = await ask(service, { case: "fileByFilename", value: "echo.proto" });
      expect(fileNames(byName)).toEqual(["echo.proto"]);
    });
  }

  test("reflection answers several questions on one stream in order, errors among them", async () => {
    const answers = await ask(
      ServerReflection,
      { case: "fileContainingSymbol", value: "no.Such" },
      { case: "allExtensionNumbersOfType", value: "kratos.test.v1.EchoReply" },
      { case: "fileByFilename", value: "no.proto" },
      { case: "fileContainingExtension", value: { containingType: "kratos.test.v1.EchoReply", extensionNumber: 1 } },
      { case: "allExtensionNumbersOfType", value: "no.Such" },
      { case: "listServices", value: "" },
    );
    expect(answers.map(({ messageResponse }) => messageResponse.case)).toEqual([
      "errorResponse",
      "allExtensionNumbersResponse",
      "errorResponse",
      "errorResponse",
      "errorResponse",
      "listServicesResponse",
    ]);
    expect(answers[0].messageResponse.value).toMatchObject({ errorCode: 5, errorMessage: "symbol no.Such not found" });
  });

  test("reflection does not hold a graceful stop", async () => {
    const reflection = createClient(ServerReflection, client);
    async function* endless(): AsyncGenerator<{ host: string }> {
      yield { host: "h" };
      await new Promise(() => {});
    }
    const answers = reflection.serverReflectionInfo(endless())[Symbol.asyncIterator]();
    await answers.next();
    await running.server.stop(new AbortController().signal);
    await expect(answers.next()).rejects.toMatchObject({ code: 503 });
  });
});
