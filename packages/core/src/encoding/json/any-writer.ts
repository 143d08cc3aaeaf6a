import type { Registry } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { anyUnpack, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { WriterOf } from "./message-writer.ts";
import type { ValueWriter } from "./scalar-writer.ts";

/** Composes the writer of google.protobuf.Any: the type beside the members of the message in it. */
export function anyWriter(registry: Registry | undefined, writerOf: WriterOf): ValueWriter {
  return (value) => {
    const any = value as Any; // the writer of this type only
    if (any.typeUrl === "") return "{}";
    const message = registry === undefined ? undefined : anyUnpack(any, registry);
    const schema = message && registry?.getMessage(message.$typeName);
    if (message === undefined || schema === undefined) {
      throw new TypeError(
        `Cannot encode a google.protobuf.Any as JSON as its type must be in the codec's registry: current value is "${any.typeUrl}"`,
      );
    }
    const type = `"@type":${JSON.stringify(any.typeUrl)}`;
    const text = writerOf(schema)(message);
    const embedded =
      text.startsWith("{") && !hasValueMember(schema.typeName) && !isWrapperDesc(schema);
    if (!embedded) return `{${type},"value":${text}}`;
    return text === "{}" ? `{${type}}` : `{${type},${text.slice(1)}`;
  };
}

// A type with a JSON form of its own stands in "value", even where that form is an object.
function hasValueMember(typeName: string): boolean {
  return (
    typeName === "google.protobuf.Struct" ||
    typeName === "google.protobuf.Value" ||
    typeName === "google.protobuf.Any"
  );
}
