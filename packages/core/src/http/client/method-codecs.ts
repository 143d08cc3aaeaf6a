import type { DescMethod } from "@bufbuild/protobuf";
import type { Codec } from "../../encoding/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { protoCodec } from "../../encoding/proto/index.ts";
import { operationName } from "../../rpc/index.ts";

/** A codec, or the name of one of ours. */
export type CodecChoice = "json" | "proto" | Codec;

/** Codecs by what they are for: one method as "/package.Service/Method", all of a service as "/package.Service/*". */
export type CodecsByMethod = Readonly<Record<string, CodecChoice>>;

/** Finds the codec of a method; undefined where none is named for it. */
export class MethodCodecs {
  readonly #codecs: ReadonlyMap<string, Codec>;

  /** @throws {TypeError} If a key is no operation. */
  constructor(choices: CodecsByMethod) {
    const entries = Object.entries(choices);
    this.#codecs = new Map(entries.map(([key, choice]) => [checked(key), codecOf(choice)]));
  }

  /** All that are named. */
  get all(): readonly Codec[] {
    return [...this.#codecs.values()];
  }

  of(method: DescMethod): Codec | undefined {
    const name = operationName(method);
    return this.#codecs.get(name) ?? this.#codecs.get(`/${method.parent.typeName}/*`);
  }
}

/** Finds the codec of a name. */
export function codecOf(choice: CodecChoice): Codec {
  if (choice === "json") return jsonCodec();
  return choice === "proto" ? protoCodec() : choice;
}

function checked(key: string): string {
  if (/^\/[\w.]+\/(\w+|\*)$/.test(key)) return key;
  throw new TypeError(
    `Cannot choose a codec as its key must be "/package.Service/Method" or "/package.Service/*": current value is ${JSON.stringify(key)}`,
  );
}
