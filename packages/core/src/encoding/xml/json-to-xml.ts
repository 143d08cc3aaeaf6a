import type { DescMessage } from "@bufbuild/protobuf";
import { escapeXml } from "./xml-text.ts";
import { type XmlMember, xmlMembers, type XmlValue, xmlValueOf } from "./xml-shape.ts";

/** Writes the proto JSON of a message as the element of that name; what is null is left out. */
export function jsonToXml(json: unknown, schema: DescMessage): string {
  return elementText(schema.name, json, xmlValueOf(schema));
}

function elementText(name: string, json: unknown, value: XmlValue): string {
  return `<${name}>${contentText(json, value)}</${name}>`;
}

function contentText(json: unknown, value: XmlValue): string {
  if (value.kind === "json") return escapeXml(JSON.stringify(json));
  if (value.kind !== "message") return escapeXml(String(json));
  if (typeof json !== "object" || json === null) return "";
  const members = xmlMembers(value.schema);
  let text = "";
  for (const [name, inner] of Object.entries(json)) {
    const member = members.get(name);
    if (member !== undefined) text += memberText(member, inner);
  }
  return text;
}

function memberText(member: XmlMember, json: unknown): string {
  const { element, value, repeats, mapKey } = member;
  if (json === null && value.kind !== "json") return "";
  if (repeats === "never") return elementText(element, json, value);
  if (repeats === "list") {
    const items: readonly unknown[] = Array.isArray(json) ? json : [];
    return items.map((item) => elementText(element, item, value)).join("");
  }
  const entries = Object.entries(json ?? {}).map(([key, entry]) => {
    const pair = elementText("key", key, mapKey ?? value) + elementText("value", entry, value);
    return `<${element}>${pair}</${element}>`;
  });
  return entries.join("");
}
