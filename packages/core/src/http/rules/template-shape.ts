import type { PathTemplate, TemplateSegment } from "./path-template.ts";

/** Answers a text that is the same for two templates exactly when they match the same paths in the same way. */
export function shapeOf(template: PathTemplate): string {
  const verb = template.verb === "" ? "" : `:${template.verb}`;
  return template.segments.map((segment) => `/${segmentShape(segment)}`).join("") + verb;
}

function segmentShape(segment: TemplateSegment): string {
  if (segment.kind === "literal") return encodeURIComponent(segment.text);
  if (segment.kind === "pattern") return `{${encodeURIComponent(segment.source)}}`;
  return segment.kind === "any" ? "*" : "**";
}
