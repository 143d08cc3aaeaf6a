import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { DecodeError } from "../decode-error.ts";
import { sanitizePlainValue } from "../plain-value.ts";
import type { XmlElement } from "./read-xml.ts";
import { type XmlMember, xmlMembers, type XmlValue, xmlValueOf } from "./xml-shape.ts";

/** How elements are read. */
export interface XmlReading {
  readonly ignoreUnknown: boolean;
  readonly maxDepth: number;
}

type JsonObject = Record<string, JsonValue>;

/**
 * Makes the proto JSON of a message's element.
 * @throws DecodeError for elements that are not known, unless that is allowed, or stand too often
 */
export function xmlToJson(
  element: XmlElement,
  schema: DescMessage,
  reading: XmlReading,
): JsonValue {
  return jsonOf(element, xmlValueOf(schema), reading);
}

function jsonOf(element: XmlElement, value: XmlValue, reading: XmlReading): JsonValue {
  if (value.kind === "message") return messageJson(element, value.schema, reading);
  const { text, children, name } = element;
  if (children.length > 0)
    throw new DecodeError(`element ${JSON.stringify(shown(name))} must hold text alone`);
  if (value.kind === "string") return text;
  const bare = text.trim();
  if (value.kind === "json") return freeJson(bare, reading);
  if (value.kind === "bool") return boolOf(bare);
  if (value.kind === "number") return bare === "" ? 0 : bare;
  if (value.kind === "enum") return /^-?\d+$/.test(bare) || bare === "" ? Number(bare) : bare;
  return bare;
}

function messageJson(element: XmlElement, schema: DescMessage, reading: XmlReading): JsonObject {
  const members = xmlMembers(schema);
  const json = Object.create(null) as JsonObject; // without a prototype no name is special
  for (const child of element.children) {
    const member = members.get(child.name);
    if (member !== undefined) addMember(json, member, { child, reading });
    else if (!reading.ignoreUnknown)
      throw new DecodeError(`${schema.typeName} has no field ${JSON.stringify(shown(child.name))}`);
  }
  return json;
}

interface Child {
  readonly child: XmlElement;
  readonly reading: XmlReading;
}

function addMember(json: JsonObject, member: XmlMember, { child, reading }: Child): void {
  const { jsonName, value, repeats } = member;
  const before = json[jsonName];
  if (repeats === "list") {
    const list = Array.isArray(before) ? before : [];
    list.push(jsonOf(child, value, reading));
    json[jsonName] = list;
  } else if (repeats === "map") {
    const map = isObject(before) ? before : (Object.create(null) as JsonObject); // without a prototype no key is special
    const key = child.children.find(({ name }) => name === "key") ?? noElement;
    const entry = child.children.find(({ name }) => name === "value") ?? noElement;
    map[key.text] = jsonOf(entry, value, reading);
    json[jsonName] = map;
  } else if (before === undefined) {
    json[jsonName] = jsonOf(child, value, reading);
  } else {
    throw new DecodeError(`element ${JSON.stringify(shown(child.name))} must stand once`);
  }
}

const noElement: XmlElement = { name: "", text: "", children: [] };

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function freeJson(text: string, { maxDepth }: XmlReading): JsonValue {
  if (text === "") return {};
  try {
    return sanitizePlainValue(JSON.parse(text), maxDepth) as JsonValue; // what JSON.parse makes
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError("an element without a schema must hold JSON", { cause: error });
  }
}

function boolOf(text: string): JsonValue {
  if (text === "" || text === "0" || text === "false") return false;
  return text === "1" || text === "true" ? true : text;
}

function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}...` : name;
}
