import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { ConfigKeyNotFoundError, ConfigValueError } from "./config-errors.ts";
import { parseDurationNs } from "./duration-text.ts";
import { parseFloatText } from "./float-text.ts";
import { isInt64, parseBoolText, parseInt64Text, scalarText } from "./scalar.ts";
import { scanMessage } from "./scan-message.ts";
import { type ConfigNode, isList, isTree, kindOf } from "./tree.ts";
import type { Value } from "./value.ts";

/** Makes the value of a path; `read` answers what stands there at the moment, undefined for nothing and null. */
export function createValue(path: string, read: () => ConfigNode | undefined): Value {
  const need = (): ConfigNode => {
    const node = read();
    if (node === undefined) throw new ConfigKeyNotFoundError(path);
    return node;
  };
  return {
    path,
    bool: () => toBool(path, need()),
    int: () => toInt(path, need()),
    int64: () => toInt64(path, need()),
    float: () => toFloat(path, need()),
    string() {
      const node = need();
      return (
        scalarText(node) ?? refuse(path, { type: "a string", rule: "no map and no list", node })
      );
    },
    durationMs: () => toDurationMs(path, need()),
    slice: () => toSlice(path, need()),
    map: () => toMap(path, need()),
    scan: (schema) => scan(path, { schema, node: need() }),
    scanWith: (parse) => parse(need()),
    load: read,
  };
}

function toBool(path: string, node: ConfigNode): boolean {
  if (typeof node === "boolean") return node;
  const text = isList(node) || isTree(node) ? undefined : scalarText(node);
  const value = text === undefined ? undefined : parseBoolText(text);
  return value ?? refuse(path, { type: "a boolean", rule: "true, false, 1 or 0", node });
}

function toInt64(path: string, node: ConfigNode): bigint {
  if (typeof node === "number" && Number.isFinite(node))
    return inRange(path, BigInt(Math.trunc(node)));
  if (typeof node === "bigint") return inRange(path, node);
  const value = typeof node === "string" ? parseInt64Text(node) : undefined;
  return (
    value ?? refuse(path, { type: "an integer", rule: "a number or decimal text of 64 bits", node })
  );
}

function toInt(path: string, node: ConfigNode): number {
  const value = toInt64(path, node);
  if (Number.isSafeInteger(Number(value))) return Number(value);
  throw new RangeError(
    `Cannot read config "${path}" as int() as it must be within 2^53 - 1: int64() answers larger ones`,
  );
}

function inRange(path: string, value: bigint): bigint {
  if (isInt64(value)) return value;
  throw new RangeError(
    `Cannot read config "${path}" as an integer as it must have 64 bits at most: current value has more`,
  );
}

function toFloat(path: string, node: ConfigNode): number {
  if (typeof node === "number") return node;
  if (typeof node === "bigint") return Number(node);
  const value = typeof node === "string" ? parseFloatText(node) : undefined;
  return value ?? refuse(path, { type: "a float", rule: "a number or the text of one", node });
}

const nsPerMs = 1_000_000;

function toDurationMs(path: string, node: ConfigNode): number {
  const ns = typeof node === "string" ? parseDurationNs(node) : undefined;
  if (ns !== undefined) return Number(ns) / nsPerMs;
  if (typeof node !== "string") return Number(toInt64(path, node)) / nsPerMs;
  const count = parseInt64Text(node);
  if (count !== undefined) return Number(count) / nsPerMs;
  return refuse(path, {
    type: "a duration",
    rule: 'text such as "1.5s" or a number of nanoseconds',
    node,
  });
}

function toSlice(path: string, node: ConfigNode): readonly Value[] {
  if (!isList(node)) return refuse(path, { type: "a slice", rule: "a list", node });
  return node.map((item, index) => createValue(`${path}[${index}]`, () => item ?? undefined));
}

function toMap(path: string, node: ConfigNode): ReadonlyMap<string, Value> {
  if (!isTree(node)) return refuse(path, { type: "a map", rule: "a map", node });
  const prefix = path === "" ? "" : `${path}.`;
  return new Map(
    Object.entries(node).map(([key, item]) => [
      key,
      createValue(prefix + key, () => item ?? undefined),
    ]),
  );
}

function scan<Desc extends DescMessage>(
  path: string,
  target: { readonly schema: Desc; readonly node: ConfigNode },
): MessageShape<Desc> {
  try {
    return scanMessage(target.schema, target.node);
  } catch (cause) {
    const place = path === "" ? "" : ` "${path}"`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigValueError(
      path,
      `Cannot scan config${place} as ${target.schema.typeName}: ${reason}`,
      { cause },
    );
  }
}

function refuse(
  path: string,
  fault: { readonly type: string; readonly rule: string; readonly node: ConfigNode },
): never {
  throw new ConfigValueError(
    path,
    `Cannot read config "${path}" as ${fault.type} as it must be ${fault.rule}: current value is a ${kindOf(fault.node)}`,
  );
}
