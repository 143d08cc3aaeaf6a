import { type DescMessage, fromJson, type JsonValue, type MessageShape } from "@bufbuild/protobuf";
import { type ConfigNode, isList, isTree } from "./tree.ts";

/** Reads a node as the protobuf JSON of a message; fields the message does not have are ignored. */
export function scanMessage<Desc extends DescMessage>(
  schema: Desc,
  node: ConfigNode,
): MessageShape<Desc> {
  return fromJson(schema, toJson(node), { ignoreUnknownFields: true });
}

// JSON has no large integers and no infinity; protobuf JSON writes both as texts.
function toJson(node: ConfigNode): JsonValue {
  if (typeof node === "bigint") return String(node);
  if (typeof node === "number" && !Number.isFinite(node)) return String(node);
  if (isList(node)) return node.map(toJson);
  if (!isTree(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, toJson(item)]));
}
