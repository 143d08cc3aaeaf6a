import type { DescFile } from "@bufbuild/protobuf";
import { GrpcCode } from "../../errors/index.ts";
import type { DescriptorIndex } from "./descriptor-index.ts";

/** What a client of either version of reflection can ask. */
export type Question =
  | { readonly case: "fileByFilename"; readonly value: string }
  | { readonly case: "fileContainingSymbol"; readonly value: string }
  | {
      readonly case: "fileContainingExtension";
      readonly value: { readonly containingType: string; readonly extensionNumber: number };
    }
  | { readonly case: "allExtensionNumbersOfType"; readonly value: string }
  | { readonly case: "listServices"; readonly value: string }
  | { readonly case: undefined; readonly value?: undefined };

/** What it is answered. */
export type Answer =
  | {
      readonly case: "fileDescriptorResponse";
      readonly value: { readonly fileDescriptorProto: Uint8Array<ArrayBuffer>[] };
    }
  | {
      readonly case: "allExtensionNumbersResponse";
      readonly value: { readonly baseTypeName: string; readonly extensionNumber: number[] };
    }
  | {
      readonly case: "listServicesResponse";
      readonly value: { readonly service: { readonly name: string }[] };
    }
  | {
      readonly case: "errorResponse";
      readonly value: { readonly errorCode: number; readonly errorMessage: string };
    };

/** What is reflected on. */
export interface Reflected {
  readonly index: DescriptorIndex;
  readonly serviceNames: () => readonly string[];
}

/** Answers one question; `sent` are the files this client has been given on this stream. */
export function reflect(question: Question, reflected: Reflected, sent: Set<string>): Answer {
  const { index } = reflected;
  const files = (file: DescFile | undefined, what: string): Answer =>
    file === undefined
      ? failed("NOT_FOUND", `${what} not found`)
      : {
          case: "fileDescriptorResponse",
          value: { fileDescriptorProto: encodeFiles(index, file, sent) },
        };
  switch (question.case) {
    case "fileByFilename":
      return files(index.fileByName(question.value), `file ${question.value}`);
    case "fileContainingSymbol":
      return files(index.fileOfSymbol(question.value), `symbol ${question.value}`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const extension = index.extension(containingType, extensionNumber);
      return files(extension?.file, `extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType": {
      const numbers = index.extensionNumbers(question.value);
      if (numbers === undefined) return failed("NOT_FOUND", `type ${question.value} not found`);
      return {
        case: "allExtensionNumbersResponse",
        value: { baseTypeName: question.value, extensionNumber: [...numbers] },
      };
    }
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: reflected.serviceNames().map((name) => ({ name })) },
      };
    default:
      return failed("INVALID_ARGUMENT", "the request asks nothing known");
  }
}

function encodeFiles(
  index: DescriptorIndex,
  file: DescFile,
  sent: Set<string>,
): Uint8Array<ArrayBuffer>[] {
  // A file that is asked for by itself is sent again; only its dependencies are spared.
  sent.delete(file.proto.name);
  return index.encodeWithDependencies(file, sent).map((bytes) => Uint8Array.from(bytes));
}

function failed(code: keyof typeof GrpcCode, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode: GrpcCode[code], errorMessage } };
}
