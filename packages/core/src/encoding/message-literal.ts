import { create, type DescMessage } from "@bufbuild/protobuf";
import type { Fields } from "./field-access.ts";

/**
 * The source of a message in which nothing is set, with the members the library gives it: of one shape
 * wherever it is evaluated. `constant` answers the expression of a value that source cannot hold.
 */
export function messageLiteral(schema: DescMessage, constant: (value: unknown) => string): string {
  const empty = create(schema) as unknown as Fields; // a message seen as its fields
  const members = Object.entries(empty).map(([name, value]) => {
    const source =
      typeof value === "object" && value !== null && !(value instanceof Uint8Array)
        ? freshSource(value)
        : constant(value);
    return `${JSON.stringify(name)}: ${literal(value) ?? source}`;
  });
  return `{ ${members.join(", ")} }`;
}

function literal(value: unknown): string | undefined {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "object" ? undefined : JSON.stringify(value);
}

/** Lists, maps and oneofs are each message's own. */
function freshSource(value: object): string {
  if (Array.isArray(value)) return "[]";
  return "case" in value ? "{ case: undefined }" : "{}";
}
