import { fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from "@kratosjs/protos/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflection as Alpha,
  type ServerReflectionResponse as AlphaResponse,
} from "@kratosjs/protos/grpc/reflection/v1alpha/reflection_pb.js";
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

type Question = NonNullable<
  MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]
>;
type Answer = ServerReflectionResponse | AlphaResponse;

async function ask(
  version: "v1" | "v1alpha",
  ...questions: readonly Question[]
): Promise<Answer[]> {
  async function* requests(): AsyncGenerator<{ host: string; messageRequest: Question }> {
    for (const messageRequest of questions) yield { host: "h", messageRequest };
  }
  const asked =
    version === "v1"
      ? createClient(ServerReflection, client).serverReflectionInfo(requests())
      : // The two versions differ in their names only.
        createClient(Alpha, client).serverReflectionInfo(requests() as AsyncGenerator<object>);
  const answers: Answer[] = [];
  for await (const answer of asked) answers.push(answer);
  return answers;
}

function fileNames(answer: Answer | undefined): readonly string[] {
  const response = answer?.messageResponse;
  if (response?.case !== "fileDescriptorResponse") return [];
  return response.value.fileDescriptorProto.map(
    (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );
}

describe("reflection", () => {
  for (const version of ["v1", "v1alpha"] as const) {
    test(`reflection ${version} lists the services`, async () => {
      const [answer] = await ask(version, { case: "listServices", value: "" });
      expect(answer).toMatchObject({
        validHost: "h",
        messageResponse: {
          case: "listServicesResponse",
          value: {
            service: [
              { name: "grpc.health.v1.Health" },
              { name: "grpc.reflection.v1.ServerReflection" },
              { name: "grpc.reflection.v1alpha.ServerReflection" },
              { name: "kratos.api.Metadata" },
              { name: "kratos.test.v1.Echo" },
            ],
          },
        },
      });
    });

    test(`reflection ${version} answers the file of a service, a method, a message, a field and a name`, async () => {
      const symbols = [
        "kratos.test.v1.Echo",
        "kratos.test.v1.Echo.Say",
        "kratos.test.v1.EchoReply",
        "kratos.test.v1.EchoReply.text",
      ];
      for (const value of symbols) {
        const [answer] = await ask(version, { case: "fileContainingSymbol", value });
        expect(fileNames(answer)).toEqual(["echo.proto"]);
      }
      const [byName] = await ask(version, { case: "fileByFilename", value: "echo.proto" });
      expect(fileNames(byName)).toEqual(["echo.proto"]);
    });
  }

  test("reflection answers several questions on one stream in order, errors among them", async () => {
    const answers = await ask(
      "v1",
      { case: "fileContainingSymbol", value: "no.Such" },
      { case: "allExtensionNumbersOfType", value: "kratos.test.v1.EchoReply" },
      { case: "fileByFilename", value: "no.proto" },
      {
        case: "fileContainingExtension",
        value: { containingType: "kratos.test.v1.EchoReply", extensionNumber: 1 },
      },
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
    expect(answers[0]?.messageResponse.value).toMatchObject({
      errorCode: 5,
      errorMessage: "symbol no.Such not found",
    });
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
